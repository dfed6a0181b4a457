import { RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import { plural } from '@/lib/numbers'
import type { Calm } from './use-calm'

/** Rows that keep still under the pointer, with the way to what they would show otherwise. */
export function CalmRows({
  calm: { waiting, apply, over },
  className,
  children,
}: {
  calm: Pick<Calm<never>, 'waiting' | 'apply' | 'over'>
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
