import { BarChart3, Table2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Segmented } from '../ui/toggle'

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
  const [as, setAs] = useState<'chart' | 'table'>('chart')
  return (
    <section aria-label={title} className="flex min-w-0 flex-col rounded-lg border border-line bg-surface">
      <header className="flex flex-wrap items-start justify-between gap-2 px-4 pt-3">
        <div>
          <h2 className="text-sm font-medium">{title}</h2>
          {lead && <p className="text-xs text-ink-3">{lead}</p>}
        </div>
        <Segmented
          label={`${title}: show as`}
          value={as}
          onChange={setAs}
          options={[
            { value: 'chart', label: 'Chart', icon: <BarChart3 aria-hidden /> },
            { value: 'table', label: 'Table', icon: <Table2 aria-hidden /> },
          ]}
        />
      </header>
      <div className="min-h-0 p-3">{as === 'chart' ? children : table}</div>
    </section>
  )
}
