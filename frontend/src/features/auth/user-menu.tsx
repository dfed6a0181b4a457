import { Suspense } from 'react'
import type { Me } from '@/api/me'
import { part } from '@/components/part'
import { Avatar } from '@/components/ui/avatar'
import { Button } from '@/components/ui/button'
import { useLater } from '@/components/use-later'

const load = () => import('./account')
const Account = part(load)

/** The way to one's own account; the box and what is in it come when somebody is about to open it. */
export function UserMenu({ me }: { me: Me }) {
  const { wanted, button } = useLater(load)
  const trigger = (
    <Button look="quiet" size="icon" aria-label={`Your account: ${me.name}`} {...button} aria-haspopup="dialog">
      <Avatar name={me.name} />
    </Button>
  )
  if (!wanted) return trigger
  return (
    <Suspense fallback={trigger}>
      <Account me={me} trigger={trigger} />
    </Suspense>
  )
}
