import { ChartColumn, Table2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { IconButton } from '../ui/button'

/** A chart with its title and, for whoever reads numbers better than shapes, the same as a table. */
export function ChartFrame({
  title,
  lead,
  table,
  children,
}: {
  title: string
  lead?: ReactNode
  table: ReactNode
  children: ReactNode
}) {
  const [plain, setPlain] = useState(false)
  return (
    <section aria-label={title} className="flex min-w-0 flex-col rounded-lg border border-line bg-surface">
      <header className="flex items-start justify-between gap-2 pt-3 pr-2 pl-4">
        <div className="min-w-0">
          <h2 className="text-sm font-medium">{title}</h2>
          {lead && <p className="nums min-h-4 text-xs text-ink-3">{lead}</p>}
        </div>
        <IconButton
          label={plain ? `${title} as a chart` : `${title} as a table`}
          size="icon-sm"
          onClick={() => setPlain(!plain)}
        >
          {plain ? <ChartColumn /> : <Table2 />}
        </IconButton>
      </header>
      {plain ? table : <div className="min-h-0 p-3">{children}</div>}
    </section>
  )
}
