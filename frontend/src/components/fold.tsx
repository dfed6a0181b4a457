import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { cn } from '@/lib/cn'
import { bytes } from '@/lib/numbers'
import { CopyButton } from './ui/copy-button'

/** Longer than this is shown in part. */
const FOLD = 2048

/** Output of a program: as it came, with its line ends; long ones folded. */
export function Output({ text, label, tone }: { text: string; label: string; tone?: 'bad' }) {
  const long = text.length > FOLD
  const [open, setOpen] = useState(false)
  const shown = long && !open ? text.slice(0, FOLD) : text
  return (
    <figure className="group relative overflow-hidden rounded-md border border-line bg-surface-2">
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-96 overflow-auto"
      >
        <pre
          className={cn('px-3 py-2 text-xs leading-5 whitespace-pre-wrap wrap-anywhere', tone === 'bad' && 'text-bad')}
        >
          {shown}
          {long && !open && '…'}
        </pre>
      </section>
      <div className="absolute top-1 right-1 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100">
        <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
      </div>
      {long && (
        <button
          type="button"
          onClick={() => setOpen(!open)}
          className="flex w-full items-center gap-1 border-t border-line px-3 py-1 text-xs text-ink-2 hover:text-ink"
        >
          <ChevronRight className={cn('size-3.5 transition-transform', open && 'rotate-90')} aria-hidden />
          {open ? 'Show less' : `Show all ${bytes(text.length)}`}
        </button>
      )}
    </figure>
  )
}

/** A value as JSON; opened on demand when it is large. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  return <Output text={typeof value === 'string' ? value : JSON.stringify(value, null, 2)} label={label} />
}
