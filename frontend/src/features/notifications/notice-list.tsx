import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { BellOff } from 'lucide-react'
import { listNotificationsQueryKey, readNotificationsMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Notice, NoticePage } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { Empty } from '@/components/empty'
import { ProblemCard } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { RelativeTime } from '@/components/values'
import { cn } from '@/lib/cn'

/** Words to this person, newest first; following one marks it as read. */
export function NoticeList({ query, onGo }: { query: UseQueryResult<NoticePage, ApiError>; onGo?: () => void }) {
  const cache = useQueryClient()
  const read = useMutation({
    ...readNotificationsMutation(),
    onSuccess: () => cache.invalidateQueries({ queryKey: listNotificationsQueryKey() }),
  })
  if (query.error) return <ProblemCard error={query.error} retry={() => void query.refetch()} compact />
  if (!query.data) return <SkeletonRows rows={4} />
  const { items, unread } = query.data
  if (items.length === 0)
    return (
      <Empty icon={<BellOff />} title="Nothing yet">
        Plans to approve, questions and results of your tasks show up here.
      </Empty>
    )
  return (
    <>
      {unread > 0 && (
        <div className="flex items-center justify-between px-4 py-2 text-sm">
          <span className="text-ink-2">{unread} not read</span>
          <Button size="sm" look="quiet" busy={read.isPending} onClick={() => read.mutate({ body: {} })}>
            Mark all as read
          </Button>
        </div>
      )}
      <ul className="divide-y divide-line border-t border-line">
        {items.map((notice) => (
          <NoticeRow
            key={notice.id}
            notice={notice}
            onGo={() => {
              if (!notice.read) read.mutate({ body: { ids: [notice.id] } })
              onGo?.()
            }}
          />
        ))}
      </ul>
    </>
  )
}

function NoticeRow({ notice, onGo }: { notice: Notice; onGo: () => void }) {
  const words = (
    <>
      <span
        className={cn('mt-1.5 size-2 shrink-0 rounded-full', notice.read ? 'bg-transparent' : 'bg-run')}
        aria-hidden
      />
      <span className="min-w-0 flex-1">
        <span className={cn('block text-sm', !notice.read && 'font-medium')}>
          {notice.title}
          {!notice.read && <span className="sr-only"> (not read)</span>}
        </span>
        {notice.text && <span className="line-clamp-2 block text-xs text-ink-2">{notice.text}</span>}
      </span>
      <RelativeTime at={notice.at} className="text-xs text-ink-3" />
    </>
  )
  const line = 'flex items-start gap-2 px-4 py-2.5 text-left hover:bg-surface-2'
  return (
    <li>
      {notice.task_id ? (
        <Link to="/tasks/$taskId" params={{ taskId: notice.task_id }} className={line} onClick={onGo}>
          {words}
        </Link>
      ) : (
        <div className={line}>{words}</div>
      )}
    </li>
  )
}
