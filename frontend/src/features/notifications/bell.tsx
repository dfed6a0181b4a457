import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Bell } from 'lucide-react'
import { useState } from 'react'
import { listNotificationsOptions } from '@/api/generated/@tanstack/react-query.gen'
import { Button } from '@/components/ui/button'
import { Popover } from '@/components/ui/popover'
import { NoticeList } from './notice-list'

/** The newest words to this person, and how many were not read. */
export function NotificationBell() {
  const [open, setOpen] = useState(false)
  const notices = useQuery(listNotificationsOptions())
  const unread = notices.data?.unread ?? 0
  return (
    <Popover
      label="Notifications"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button
          look="quiet"
          size="icon"
          className="relative"
          aria-label={unread > 0 ? `Notifications, ${unread} not read` : 'Notifications'}
        >
          <Bell />
          {unread > 0 && (
            <span
              aria-hidden
              className="nums absolute top-0 right-0 min-w-4 rounded-full bg-bad px-1 text-2xs leading-4 text-surface"
            >
              {unread > 9 ? '9+' : unread}
            </span>
          )}
        </Button>
      }
    >
      <div className="max-h-[70dvh] overflow-y-auto">
        <NoticeList query={notices} onGo={() => setOpen(false)} />
      </div>
      <p className="border-t border-line p-2 text-center text-sm">
        <Link to="/notifications" className="text-link" onClick={() => setOpen(false)}>
          See all
        </Link>
      </p>
    </Popover>
  )
}
