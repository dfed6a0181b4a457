import { Suspense, useState } from 'react'
import type { Me } from '@/api/me'
import { part } from '@/components/part'
import { Avatar } from '@/components/ui/avatar'
import { Button } from '@/components/ui/button'
import { Popover } from '@/components/ui/popover'
import { Skeleton } from '@/components/ui/skeleton'

const Account = part(() => import('./account'))

/** The way to one's own account; what is in it comes when it is opened. */
export function UserMenu({ me }: { me: Me }) {
  const [open, setOpen] = useState(false)
  return (
    <Popover
      label="Your account"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button look="quiet" size="icon" aria-label={`Your account: ${me.name}`}>
          <Avatar name={me.name} />
        </Button>
      }
    >
      <div className="flex min-h-44 flex-col gap-3 p-3">
        <Suspense fallback={<Skeleton className="h-32" />}>
          <Account me={me} onGo={() => setOpen(false)} />
        </Suspense>
      </div>
    </Popover>
  )
}
