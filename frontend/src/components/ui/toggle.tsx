import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from '@/lib/cn'

type Box = Omit<ComponentProps<'input'>, 'type'>

export function Checkbox({ className, ...props }: Box & ({ 'aria-label': string } | { id: string })) {
  return <input type="checkbox" className={cn('size-4 shrink-0 accent-primary', className)} {...props} />
}

/** A tick with words beside it. */
export function CheckField({ label, hint, ...props }: Box & { label: ReactNode; hint?: ReactNode }) {
  return (
    <label className="flex items-start gap-2 text-sm">
      <input type="checkbox" className="mt-0.5 size-4 shrink-0 accent-primary" {...props} />
      <span>
        {label}
        {hint && <span className="block text-xs text-ink-3">{hint}</span>}
      </span>
    </label>
  )
}

/** On or off, at once. */
export function SwitchField({ label, hint, className, ...props }: Box & { label: ReactNode; hint?: ReactNode }) {
  return (
    <label className={cn('flex items-start justify-between gap-4 text-sm', className)}>
      <span>
        <span className="font-medium">{label}</span>
        {hint && <span className="block text-xs text-ink-3">{hint}</span>}
      </span>
      <span className="relative mt-0.5 inline-flex h-5 w-9 shrink-0">
        <input
          type="checkbox"
          // biome-ignore lint/a11y/useAriaPropsForRole: a native checkbox says by itself whether it is on
          role="switch"
          className="peer size-full appearance-none rounded-full border border-line-strong bg-surface-2 checked:border-primary checked:bg-primary"
          {...props}
        />
        <span className="pointer-events-none absolute top-0.75 left-0.75 size-3.5 rounded-full bg-line-strong transition-transform duration-100 peer-checked:translate-x-4 peer-checked:bg-on-primary" />
      </span>
    </label>
  )
}

/** One of a few, all in sight. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: T
  options: { value: T; label: string; icon?: ReactNode }[]
  onChange: (value: T) => void
}) {
  // Not the label: two of the same label on a page would be one group, and a choice in one would empty the other.
  const name = useId()
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex rounded-md border border-line-strong bg-surface p-0.5"
    >
      {options.map((option) => (
        <label
          key={option.value}
          className="relative inline-flex h-6.5 items-center gap-1.5 rounded-sm px-2 text-xs text-ink-2 has-checked:bg-primary has-checked:text-on-primary has-focus-visible:outline-2 has-focus-visible:outline-focus [&_svg]:size-3.5"
        >
          <input
            type="radio"
            className="sr-only"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.icon}
          {option.label}
        </label>
      ))}
    </div>
  )
}
