import { CircleAlert } from 'lucide-react'
import { cloneElement, type ReactElement, type ReactNode, useId } from 'react'
import { cn } from '@/lib/cn'

interface FieldProps {
  label: ReactNode
  hint?: ReactNode
  error?: string | undefined
  /** The label is for those who cannot see the form. */
  quiet?: boolean
  className?: string
  children: ReactElement<{ id?: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean }>
}

/** A control with its label, a hint and what is wrong with it. */
export function Field({ label, hint, error, quiet, className, children }: FieldProps) {
  const id = useId()
  const told = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
  return (
    <div className={cn('flex flex-col gap-1', className)}>
      <label htmlFor={id} className={cn('text-sm font-medium', quiet && 'sr-only')}>
        {label}
      </label>
      {cloneElement(children, { id, 'aria-describedby': told, 'aria-invalid': error ? true : undefined })}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-ink-3">
          {hint}
        </p>
      )}
      {error && <FieldNote id={`${id}-error`}>{error}</FieldNote>}
    </div>
  )
}

/** What is wrong with a control, under it. */
export function FieldNote({ id, children }: { id?: string; children: ReactNode }) {
  return (
    <p id={id} className="flex items-start gap-1 text-xs text-bad">
      <CircleAlert className="mt-0.5 size-3.5 shrink-0" aria-hidden />
      <span className="min-w-0 wrap-anywhere">{children}</span>
    </p>
  )
}
