import { RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import { plural } from '@/lib/numbers'
import { type Calmed, useCalm } from './use-calm'

/** A list whose rows hold still under the pointer. */
export function Calm<T extends { id: string }>({
  items,
  children,
}: {
  items: T[]
  children: (shown: T[]) => ReactNode
}) {
  const calm = useCalm(items)
  return <Held calm={calm}>{children(calm.shown)}</Held>
}

/** The place of rows that hold still. What would move them waits behind a button. */
export function Held({
  calm: { waiting, apply, over },
  className,
  children,
}: {
  calm: Calmed<unknown>
  className?: string
  children: ReactNode
}) {
  return (
    <div className={cn('relative', className)} onPointerEnter={() => over(true)} onPointerLeave={() => over(false)}>
      {waiting > 0 && (
        <div className="pointer-events-none sticky top-2 z-20 flex h-0 justify-center">
          <Button size="sm" look="primary" className="pointer-events-auto shadow-float" onClick={apply}>
            <RefreshCw /> {plural(waiting, 'update')}
          </Button>
        </div>
      )}
      {children}
    </div>
  )
}
