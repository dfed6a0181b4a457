import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { LogOut, Settings } from 'lucide-react'
import { logoutMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Me } from '@/api/me'
import { Looks } from '@/components/shell/theme-menu'
import { Avatar } from '@/components/ui/avatar'
import { Button } from '@/components/ui/button'
import { Popover } from '@/components/ui/popover'

/** Who is signed in, how it looks, and the way out. */
export function UserMenu({ me }: { me: Me }) {
  const navigate = useNavigate()
  const cache = useQueryClient()
  const logout = useMutation({
    ...logoutMutation(),
    onSettled: async () => {
      await navigate({ to: '/login' })
      // What one person saw is not for the next.
      cache.clear()
    },
  })
  return (
    <Popover
      label="Your account"
      trigger={
        <Button look="quiet" size="icon" aria-label={`Your account: ${me.name}`}>
          <Avatar name={me.name} />
        </Button>
      }
    >
      <div className="flex flex-col gap-3 p-3">
        <div>
          <p className="font-medium">{me.name}</p>
          <p className="text-sm text-ink-2">
            {me.email} · {me.role}
          </p>
        </div>
        <Looks />
        <div className="flex gap-2">
          <Button className="flex-1" onClick={() => void navigate({ to: '/settings' })}>
            <Settings /> Settings
          </Button>
          <Button className="flex-1" busy={logout.isPending} onClick={() => logout.mutate({ body: {} })}>
            <LogOut /> Sign out
          </Button>
        </div>
      </div>
    </Popover>
  )
}
