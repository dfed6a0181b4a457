import type { Approval } from '@/api/generated/types.gen'
import { approvalWords } from '@/components/approval-words'
import { Badge } from '@/components/ui/badge'
import { Money, RelativeTime } from '@/components/values'
import { cn } from '@/lib/cn'

/** What waits for a person; one of them is open beside the list. */
export function ApprovalList({
  items,
  current,
  onOpen,
}: {
  items: Approval[]
  current: string | undefined
  onOpen: (id: string) => void
}) {
  return (
    <ul aria-label="Waiting" className="divide-y divide-line">
      {items.map((approval) => {
        const { word, tone, icon } = approvalWords[approval.kind]
        const here = approval.id === current
        return (
          <li key={approval.id}>
            <button
              type="button"
              aria-current={here || undefined}
              onClick={() => onOpen(approval.id)}
              className={cn(
                'flex w-full flex-col gap-1 px-4 py-3 text-left hover:bg-surface-2 focus-visible:-outline-offset-2',
                here && 'bg-surface-2 shadow-[inset_2px_0_0_var(--focus)]',
              )}
            >
              <span className="flex w-full items-center gap-2">
                <Badge tone={tone} icon={icon}>
                  {word}
                </Badge>
                <RelativeTime at={approval.waiting_since} className="ml-auto text-xs text-ink-3" />
              </span>
              <span className="text-sm font-medium">{approval.task_title}</span>
              <span className="flex gap-2 text-xs text-ink-3">
                {approval.repository.name} · <Money micros={approval.spent_usd_micros} />
              </span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}
