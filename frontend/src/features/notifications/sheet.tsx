import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { BellOff } from 'lucide-react'
import { Empty } from '@/components/empty'
import { ProblemCard } from '@/components/problem-card'
import { Button, buttonVariants } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { SkeletonRows } from '@/components/ui/skeleton'
import { closeOverlay } from '@/stores/overlays'
import { NotificationList, useRead } from './list'
import { newestQuery } from './newest'

/** The newest notifications beside whatever page one is on. */
export default function NotificationsSheet() {
  const newest = useQuery(newestQuery())
  const read = useRead()
  const { items, unread = 0 } = newest.data ?? {}
  return (
    <Dialog
      open
      onClose={closeOverlay}
      title="Notifications"
      side="right"
      footer={
        <>
          <Button
            look="quiet"
            className="mr-auto"
            busy={read.isPending}
            why={unread === 0 && 'All of them were read'}
            onClick={() => read.mutate({ body: {} })}
          >
            Mark all as read
          </Button>
          <Link to="/notifications" onClick={closeOverlay} className={buttonVariants()}>
            See all
          </Link>
        </>
      }
    >
      <div className="-mx-4">
        {newest.isLoadingError ? (
          <ProblemCard error={newest.error} retry={() => void newest.refetch()} />
        ) : !items ? (
          <SkeletonRows rows={4} label="Loading notifications" />
        ) : items.length === 0 ? (
          <Empty icon={<BellOff />} title="Nothing yet">
            Plans to approve, questions and results of your own tasks show up here.
          </Empty>
        ) : (
          <NotificationList items={items} onGo={closeOverlay} />
        )}
      </div>
    </Dialog>
  )
}
