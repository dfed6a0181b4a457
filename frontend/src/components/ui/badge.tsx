import { cva, type VariantProps } from 'class-variance-authority'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'

const badge = cva(
  'inline-flex shrink-0 items-center gap-1 rounded-sm px-1.5 font-medium whitespace-nowrap [&_svg]:size-3.5 [&_svg]:shrink-0',
  {
    variants: {
      tone: {
        idle: 'bg-idle-tint text-idle',
        run: 'bg-run-tint text-run',
        ok: 'bg-ok-tint text-ok',
        wait: 'bg-wait-tint text-wait',
        bad: 'bg-bad-tint text-bad',
        plan: 'bg-plan-tint text-plan',
      },
      size: { sm: 'h-4.5 text-2xs', md: 'h-5.5 text-xs' },
    },
    defaultVariants: { tone: 'idle', size: 'md' },
  },
)

export type Tone = NonNullable<VariantProps<typeof badge>['tone']>

/** A state: always an icon and a word, the colour only repeats them. */
export function Badge({
  tone,
  size,
  icon,
  className,
  children,
}: VariantProps<typeof badge> & { icon?: ReactNode; className?: string; children: ReactNode }) {
  return (
    <span className={cn(badge({ tone, size }), className)}>
      {icon}
      {children}
    </span>
  )
}
