import { useQuery } from '@tanstack/react-query'
import { Bell as Icon } from 'lucide-react'
import { IconButton } from '@/components/ui/button'
import { openOverlay } from '@/stores/overlays'
import { newestQuery } from './newest'

/** How many words to this person were not read. */
export function Bell() {
  const { data } = useQuery(newestQuery())
  const unread = data?.unread ?? 0
  return (
    <span className="relative inline-flex">
      <IconButton
        label={unread > 0 ? `Notifications, ${unread} not read` : 'Notifications'}
        onClick={() => openOverlay('notifications')}
      >
        <Icon />
      </IconButton>
      {unread > 0 && (
        <span
          aria-hidden
          className="nums pointer-events-none absolute -top-0.5 -right-0.5 min-w-4 rounded-full bg-primary px-1 text-center text-2xs leading-4 font-medium text-on-primary ring-2 ring-surface"
        >
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </span>
  )
}
