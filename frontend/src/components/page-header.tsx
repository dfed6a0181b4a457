import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { useTitle } from './use-title'

/** The top of a page: what it is, and what can be done here. */
export function PageHeader({
  title,
  lead,
  actions,
  snug,
  children,
}: {
  title: string
  lead?: ReactNode
  actions?: ReactNode
  /** They are small enough to stand beside the title on every screen. */
  snug?: boolean
  children?: ReactNode
}) {
  useTitle(title)
  return (
    <header className="flex shrink-0 flex-col gap-3 px-4 pt-4 pb-3 lg:px-6">
      <div className={cn('flex items-start justify-between gap-x-4 gap-y-2', !snug && 'flex-wrap')}>
        <div className="min-w-0">
          <h1 className="text-lg font-semibold">{title}</h1>
          {lead && <p className="text-sm text-ink-2">{lead}</p>}
        </div>
        {actions && <div className="flex shrink-0 flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </header>
  )
}
