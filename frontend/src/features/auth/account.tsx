import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { LogOut, Settings } from 'lucide-react'
import { logoutMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Me } from '@/api/me'
import { Looks } from '@/components/shell/theme-menu'
import { Button } from '@/components/ui/button'
import { forgetPerson } from '@/stores/person'

/** Who is signed in, how it looks, and the way out. */
export default function Account({ me, onGo }: { me: Me; onGo: () => void }) {
  const navigate = useNavigate()
  const cache = useQueryClient()
  const logout = useMutation({
    ...logoutMutation(),
    onSettled: async () => {
      await navigate({ to: '/login' })
      // What one person saw and wrote is not for the next.
      cache.clear()
      forgetPerson()
    },
  })
  return (
    <>
      <div>
        <p className="font-medium">{me.name}</p>
        <p className="text-sm break-all text-ink-2">
          {me.email} · {me.role}
        </p>
      </div>
      <Looks />
      <div className="flex gap-2">
        <Button
          className="flex-1"
          onClick={() => {
            onGo()
            void navigate({ to: '/settings' })
          }}
        >
          <Settings /> Settings
        </Button>
        <Button className="flex-1" busy={logout.isPending} onClick={() => logout.mutate({ body: {} })}>
          <LogOut /> Sign out
        </Button>
      </div>
    </>
  )
}
