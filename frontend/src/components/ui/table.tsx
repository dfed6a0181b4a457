import type { ComponentProps, ReactNode } from 'react'
import { cn } from '@/lib/cn'

/** A table that scrolls sideways by itself, so that the page never does. */
export function Table({
  label,
  card,
  stacks,
  className,
  children,
}: {
  label: string
  /** Stands among other things, and not from edge to edge. */
  card?: boolean
  /** Where there is no room for its columns, a row is a block, and each cell has its `word` before it. */
  stacks?: boolean
  className?: string
  children: ReactNode
}) {
  return (
    <section
      className={cn(
        // The page scrolls down, and not the table in a part of it.
        'relative shrink-0 overflow-x-auto',
        card && 'rounded-lg border border-line bg-surface [&_tr:last-child>td]:border-b-0',
      )}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <table className={cn('w-full border-collapse text-sm', stacks && 'stacks', className)}>{children}</table>
    </section>
  )
}

export function Th({ className, right, ...props }: ComponentProps<'th'> & { right?: boolean }) {
  return (
    <th
      scope="col"
      className={cn(
        'h-8 border-b border-line px-2 text-xs font-medium whitespace-nowrap text-ink-3 first:pl-4 last:pr-4 lg:first:pl-6 lg:last:pr-6',
        right ? 'text-right' : 'text-left',
        className,
      )}
      {...props}
    />
  )
}

export function Td({ className, right, word, ...props }: ComponentProps<'td'> & { right?: boolean; word?: string }) {
  return (
    <td
      data-word={word}
      className={cn(
        'h-row border-b border-line px-2 first:pl-4 last:pr-4 lg:first:pl-6 lg:last:pr-6',
        right && 'nums text-right whitespace-nowrap',
        className,
      )}
      {...props}
    />
  )
}
