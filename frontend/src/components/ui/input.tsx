import { ChevronDown } from 'lucide-react'
import type { ComponentProps } from 'react'
import { cn } from '@/lib/cn'

const box =
  'w-full rounded-md border border-line-strong bg-surface text-ink aria-invalid:border-bad disabled:bg-surface-2 disabled:text-ink-3'

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(box, 'h-8 px-2.5 text-sm', className)} {...props} />
}

export function Textarea({ className, rows = 4, ...props }: ComponentProps<'textarea'>) {
  return <textarea rows={rows} className={cn(box, 'resize-y px-2.5 py-1.5 text-sm', className)} {...props} />
}

/** The browser's own list: it is right on every device, and by keyboard. */
export function Select({ className, children, ...props }: ComponentProps<'select'>) {
  return (
    <span className={cn('relative inline-flex w-full', className)}>
      <select className={cn(box, 'h-8 appearance-none truncate pr-8 pl-2.5 text-sm')} {...props}>
        {children}
      </select>
      <ChevronDown className="pointer-events-none absolute top-2 right-2 size-4 text-ink-3" aria-hidden />
    </span>
  )
}
