import type { ReactNode } from 'react'
import { useTitle } from './use-title'

/** The top of a page: what it is, and what can be done here. */
export function PageHeader({
  title,
  lead,
  actions,
  children,
}: {
  title: string
  lead?: ReactNode
  actions?: ReactNode
  children?: ReactNode
}) {
  useTitle(title)
  return (
    <header className="flex shrink-0 flex-col gap-3 px-4 pt-4 pb-3 lg:px-6">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h1 className="text-lg font-semibold">{title}</h1>
          {lead && <p className="text-sm text-ink-2">{lead}</p>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </header>
  )
}
