import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Check } from 'lucide-react'
import { readNotificationsMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Notification } from '@/api/generated/types.gen'
import { StatusBadge } from '@/components/states'
import { statusOf } from '@/components/told'
import { IconButton } from '@/components/ui/button'
import { RelativeTime } from '@/components/values'
import { cn } from '@/lib/cn'
import { placeOf } from './where'

/** Marks some as read, or all of them. */
export function useRead() {
  const cache = useQueryClient()
  return useMutation({
    ...readNotificationsMutation(),
    onSuccess: () =>
      cache.invalidateQueries({
        predicate: ({ queryKey }) => (queryKey[0] as { _id?: string })._id === 'listNotifications',
      }),
  })
}

/** Words to this person, newest first; following one marks it as read. */
export function NotificationList({ items, onGo }: { items: Notification[]; onGo?: () => void }) {
  const read = useRead()
  return (
    <ul className="divide-y divide-line border-t border-line">
      {items.map((one) => (
        <li key={one.id} className="relative flex items-start gap-2.5 px-4 py-2.5 hover:bg-surface-2 lg:px-6">
          <span
            aria-hidden
            className={cn('mt-1.5 size-2 shrink-0 rounded-full', one.read_at ? 'bg-transparent' : 'bg-link')}
          />
          <span className="min-w-0 flex-1">
            <span className="flex items-baseline gap-3">
              <Link
                {...placeOf(one)}
                className={cn(
                  'min-w-0 flex-1 truncate text-sm after:absolute after:inset-0',
                  one.read_at ? 'text-ink-2' : 'font-medium',
                )}
                onClick={() => {
                  if (!one.read_at) read.mutate({ body: { ids: [one.id] } })
                  onGo?.()
                }}
              >
                {one.task.title}
                {!one.read_at && <span className="sr-only"> (not read)</span>}
              </Link>
              <RelativeTime at={one.created_at} className="text-xs text-ink-3" />
            </span>
            <span className="mt-1 flex items-center gap-2 text-xs text-ink-2">
              <StatusBadge status={statusOf[one.kind]} size="sm" />
              {one.detail && <span className="truncate">{one.detail}</span>}
            </span>
          </span>
          <span className="relative z-10 size-7">
            {!one.read_at && (
              <IconButton
                label={`Mark “${one.task.title}” as read`}
                size="icon-sm"
                onClick={() => read.mutate({ body: { ids: [one.id] } })}
              >
                <Check />
              </IconButton>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
