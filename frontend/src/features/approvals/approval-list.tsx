import type { Run } from '@/api/generated/types.gen'
import { StatusBadge } from '@/components/states'
import { Money, RelativeTime } from '@/components/values'
import { cn } from '@/lib/cn'

/** What waits for a person; one of them is open beside the list. */
export function ApprovalList({
  items,
  current,
  onOpen,
}: {
  items: Run[]
  current: string | undefined
  onOpen: (id: string) => void
}) {
  return (
    <ul aria-label="Waiting" className="divide-y divide-line">
      {items.map((run) => {
        const here = run.id === current
        return (
          <li key={run.id}>
            <button
              type="button"
              aria-current={here || undefined}
              onClick={() => onOpen(run.id)}
              className={cn(
                'flex w-full flex-col gap-1 px-4 py-3 text-left hover:bg-surface-2 focus-visible:-outline-offset-2',
                here && 'bg-surface-2 shadow-[inset_2px_0_0_var(--focus)]',
              )}
            >
              <span className="flex w-full items-center gap-2">
                <StatusBadge status={run.status} />
                <RelativeTime at={run.since ?? run.created_at} className="ml-auto text-xs text-ink-3" />
              </span>
              <span className="text-sm font-medium">{run.task.title}</span>
              <span className="text-xs text-ink-3">
                {run.repository.name} · <Money micros={run.usage.cost_usd_micros} />
                {run.attempt_of && ' · one of several attempts'}
              </span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}
