import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'

/** Nothing here: why, and the one thing to do about it. */
export function Empty({
  icon,
  title,
  children,
  action,
  className,
}: {
  icon?: ReactNode
  title: string
  children?: ReactNode
  action?: ReactNode
  className?: string
}) {
  return (
    <div className={cn('flex flex-col items-center gap-2 px-6 py-12 text-center', className)}>
      {icon && (
        <span className="flex size-10 items-center justify-center rounded-lg bg-surface-2 text-ink-3 [&_svg]:size-5">
          {icon}
        </span>
      )}
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-prose text-sm text-ink-2">{children}</div>}
      {action && <div className="mt-2 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  )
}
