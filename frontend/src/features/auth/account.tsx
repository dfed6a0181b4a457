import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { LogOut, Settings } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { logoutMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Me } from '@/api/me'
import { Looks } from '@/components/shell/theme-menu'
import { Button } from '@/components/ui/button'
import { Popover } from '@/components/ui/popover'
import { forgetPerson } from '@/stores/person'

/** A box at its button, open from the beginning: it is loaded when somebody opens it. */
export default function Account({ me, trigger }: { me: Me; trigger: ReactNode }) {
  const [open, setOpen] = useState(true)
  return (
    <Popover label="Your account" open={open} onOpenChange={setOpen} trigger={trigger}>
      <div className="flex flex-col gap-3 p-3">
        <Person me={me} onGo={() => setOpen(false)} />
      </div>
    </Popover>
  )
}

/** Who is signed in, how it looks, and the way out. */
function Person({ me, onGo }: { me: Me; onGo: () => void }) {
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
