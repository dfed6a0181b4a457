import { cva, type VariantProps } from 'class-variance-authority'
import { LoaderCircle } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { Kbd } from './kbd'
import { Tooltip } from './tooltip'

export const buttonVariants = cva(
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none transition-colors duration-100 disabled:opacity-50 aria-disabled:opacity-50 aria-disabled:cursor-not-allowed [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      look: {
        primary: 'bg-primary text-on-primary not-aria-disabled:hover:bg-primary-hover',
        plain: 'border border-line-strong bg-surface text-ink not-aria-disabled:hover:bg-surface-2',
        quiet: 'text-ink-2 not-aria-disabled:hover:bg-surface-2 not-aria-disabled:hover:text-ink',
        danger: 'border border-bad bg-surface text-bad not-aria-disabled:hover:bg-bad-tint',
        ok: 'border border-ok bg-surface text-ok not-aria-disabled:hover:bg-ok-tint',
      },
      size: {
        sm: 'h-7 px-2 text-xs',
        md: 'h-8 px-3 text-sm',
        lg: 'h-10 px-4 text-base',
        icon: 'size-8',
        'icon-sm': 'size-7',
      },
    },
    defaultVariants: { look: 'plain', size: 'md' },
  },
)

export interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof buttonVariants> {
  /** Under way: cannot be pressed again, and says so. */
  busy?: boolean | undefined
  /** Why it cannot be pressed now. Shown on hover, on focus and when it is pressed; the button stays reachable. */
  why?: string | false | undefined
  /** The keys that do the same. */
  keys?: string | undefined
}

export function Button({
  look,
  size,
  busy,
  why,
  keys,
  className,
  children,
  onClick,
  type = 'button',
  ...props
}: ButtonProps) {
  const off = Boolean(busy || why)
  const button = (
    <button
      type={off && type === 'submit' ? 'button' : type}
      className={cn(buttonVariants({ look, size }), className)}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      onClick={off ? (event) => event.preventDefault() : onClick}
      {...props}
    >
      {busy && <LoaderCircle className="animate-spin" aria-hidden />}
      {children}
      {keys && <Kbd keys={keys} className="ml-1 max-md:hidden" />}
    </button>
  )
  // Around every button: one that is taken out of it, as it can be pressed again, would lose the focus.
  return (
    <Tooltip text={why} describes>
      {button}
    </Tooltip>
  )
}

/** A button that is only an icon: its label is required, and shown on hover and focus. */
export function IconButton({
  label,
  size = 'icon',
  look = 'quiet',
  keys,
  children,
  ...props
}: Omit<ButtonProps, 'aria-label' | 'why'> & { label: string; children: ReactNode }) {
  return (
    <Tooltip text={label} keys={keys}>
      <Button look={look} size={size} aria-label={label} {...props}>
        {children}
      </Button>
    </Tooltip>
  )
}
