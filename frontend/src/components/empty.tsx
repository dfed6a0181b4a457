import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'

/** Nothing here: why, and the one thing to do about it. */
export function Empty({
  icon,
  title,
  page,
  children,
  action,
  className,
}: {
  icon?: ReactNode
  title: string
  /** It is all there is on the page, so its title is the page's. */
  page?: boolean
  children?: ReactNode
  action?: ReactNode
  className?: string
}) {
  const Title = page ? 'h1' : 'p'
  return (
    <div className={cn('flex flex-col items-center gap-2 px-6 py-12 text-center', className)}>
      {icon && (
        <span className="flex size-10 items-center justify-center rounded-lg bg-surface-2 text-ink-3 [&_svg]:size-5">
          {icon}
        </span>
      )}
      <Title className="font-medium">{title}</Title>
      {children && <div className="max-w-prose text-sm text-ink-2">{children}</div>}
      {action && <div className="mt-2 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  )
}
