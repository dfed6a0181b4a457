import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { BellOff, Settings2 } from 'lucide-react'
import { listNotificationsQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listNotifications } from '@/api/generated/sdk.gen'
import { pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { Listed } from '@/components/lists/listed'
import { PageHeader } from '@/components/page-header'
import { Button, buttonVariants } from '@/components/ui/button'
import { Segmented } from '@/components/ui/toggle'
import { NotificationList, useRead } from '@/features/notifications/list'
import { count } from '@/lib/numbers'

export default function NotificationsPage() {
  const { unread } = useSearch({ from: '/shell/notifications' })
  const navigate = useNavigate({ from: '/notifications' })
  const filter = { limit: 50, ...(unread ? { unread } : {}) }
  const query = useInfiniteQuery({
    ...pagesOptions(listNotificationsQueryKey({ query: filter }), (cursor, signal) =>
      listNotifications({ query: { ...filter, cursor }, signal }),
    ),
    placeholderData: keepPreviousData,
  })
  const read = useRead()
  const left = query.data?.pages[0]?.unread ?? 0
  return (
    <>
      <PageHeader
        title="Notifications"
        lead="What was said to you about your own tasks."
        actions={
          <>
            <Link to="/settings" search={{ tab: 'notifications' }} className={buttonVariants({ look: 'quiet' })}>
              <Settings2 aria-hidden /> What I am told
            </Link>
            <Button
              busy={read.isPending}
              why={left === 0 && 'All of them were read'}
              onClick={() => read.mutate({ body: {} })}
            >
              Mark all as read
            </Button>
          </>
        }
      >
        <div>
          <Segmented
            label="Which"
            value={unread ? 'unread' : 'all'}
            onChange={(next) => void navigate({ search: next === 'unread' ? { unread: true } : {}, replace: true })}
            options={[
              { value: 'all', label: 'All' },
              { value: 'unread', label: left > 0 ? `Not read (${count(left)})` : 'Not read' },
            ]}
          />
        </div>
      </PageHeader>
      <Listed
        query={query}
        of="notifications"
        empty={
          <Empty
            icon={<BellOff />}
            title={unread ? 'You have read all of them' : 'Nothing yet'}
            action={
              unread ? (
                <Button onClick={() => void navigate({ search: {}, replace: true })}>Show all</Button>
              ) : undefined
            }
          >
            {!unread && 'Plans to approve, questions and results of your own tasks show up here.'}
          </Empty>
        }
      >
        {(items) => <NotificationList items={items} />}
      </Listed>
    </>
  )
}
