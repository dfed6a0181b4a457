import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { duration } from '@/lib/dates'
import type { Tone } from './ui/badge'

/** A stretch of time in the timeline. Depth 1 stands inside the bar above it. */
export interface Bar {
  id: string
  label: string
  /** What is read out and shown on hover. */
  detail: string
  depth: 0 | 1
  tone: Tone
  icon: ReactNode
  from: number
  /** Absent while it lasts. */
  to?: number | undefined
  /** At the right of the row: a cost, a word. */
  aside?: ReactNode
}

const tones: Record<Tone, string> = {
  idle: 'bg-idle/50',
  run: 'bg-run',
  ok: 'bg-ok',
  wait: 'bg-wait/70',
  bad: 'bg-bad',
  plan: 'bg-plan',
}
const texts: Record<Tone, string> = {
  idle: 'text-idle',
  run: 'text-run',
  ok: 'text-ok',
  wait: 'text-wait',
  bad: 'text-bad',
  plan: 'text-plan',
}

/** All bars on one scale, so that what took long looks long. */
export function Timeline({
  bars,
  now,
  selected,
  onSelect,
  actions,
}: {
  bars: Bar[]
  now: number
  selected?: string | undefined
  onSelect: (id: string | undefined) => void
  actions?: (bar: Bar) => ReactNode
}) {
  if (bars.length === 0) return <p className="px-3 py-4 text-sm text-ink-3">Nothing has begun yet.</p>
  const start = Math.min(...bars.map((bar) => bar.from))
  const end = Math.max(...bars.map((bar) => bar.to ?? now), start + 1000)
  const share = (ms: number) => `${(ms / (end - start)) * 100}%`
  return (
    <div>
      <ol className="flex flex-col">
        {bars.map((bar) => {
          const to = bar.to ?? Math.max(now, bar.from)
          const on = bar.id === selected
          return (
            <li key={bar.id} className={cn('group relative flex items-stretch rounded-md', on && 'bg-surface-2')}>
              <button
                type="button"
                aria-pressed={on}
                title={bar.detail}
                onClick={() => onSelect(on ? undefined : bar.id)}
                className="min-w-0 flex-1 rounded-md px-2 py-1 text-left hover:bg-surface-2"
              >
                <span className={cn('flex items-center gap-1.5 text-sm', bar.depth === 1 && 'pl-5')}>
                  <span className={cn('[&_svg]:size-4', texts[bar.tone])}>{bar.icon}</span>
                  <span className={cn('truncate', bar.depth === 0 ? 'font-medium' : 'text-ink-2')}>{bar.label}</span>
                  <span className="nums ml-auto flex shrink-0 items-center gap-2 text-xs text-ink-3">
                    {bar.aside}
                    {duration(to - bar.from)}
                  </span>
                </span>
                <span aria-hidden className="relative mt-1 block h-1.5 rounded-full bg-line">
                  <span
                    className={cn(
                      'absolute h-full min-w-1 rounded-full',
                      tones[bar.tone],
                      bar.to === undefined && 'animate-pulse-dot',
                    )}
                    style={{
                      left: share(Math.min(bar.from - start, (end - start) * 0.995)),
                      width: share(to - bar.from),
                    }}
                  />
                </span>
                <span className="sr-only">{bar.detail}</span>
              </button>
              {/* As wide for every bar, so that all tracks have the same length. */}
              {actions && <span className="flex w-7 shrink-0 items-center">{actions(bar)}</span>}
            </li>
          )
        })}
      </ol>
      <p aria-hidden className={cn('nums mt-1 flex justify-between px-2 text-2xs text-ink-3', actions && 'mr-7')}>
        <span>0</span>
        <span>{duration((end - start) / 2)}</span>
        <span>{duration(end - start)}</span>
      </p>
    </div>
  )
}
