import { ChevronRight } from 'lucide-react'
import { memo, type ReactNode, Suspense, useState } from 'react'
import type { EventType } from '@/api/generated/types.gen'
import { part } from '@/components/part'
import { RichText } from '@/components/rich-text'
import { cn } from '@/lib/cn'
import { exact, timeOfDay } from '@/lib/dates'
import { lookOf } from './event-looks'
import { forkIcon, linkIcon } from './icons'
import { isError, type Row } from './rows'

const EventDetail = part(() => import('./event-detail'))

interface EventRowProps {
  row: Row
  /** The run that is looked at; of one that was forked, earlier events bear the name of another. */
  run: string
  selected: boolean
  onLink: (seq: number) => void
  onFork: (seq: number) => void
}

const texts = {
  idle: 'text-ink-3',
  run: 'text-run',
  ok: 'text-ok',
  wait: 'text-wait',
  bad: 'text-bad',
  plan: 'text-plan',
}

/** What agents do; what a person decides or a run comes to is nobody's. */
const byAgent = new Set<EventType>(['model_call', 'tool_call', 'other'])

/** A line of the list: when, who, what; more of it on demand. */
export const EventRow = memo(function EventRow({ row, run, selected, onLink, onFork }: EventRowProps) {
  const { event } = row
  const look = lookOf(row)
  const time = timeOfDay(event.at)
  const [open, setOpen] = useState(false)
  const title = cn('min-w-0', look.mono && 'font-mono text-xs', look.text ? 'font-medium' : '')
  return (
    <article
      aria-label={`${look.title}, ${time}`}
      className={cn(
        'group flex gap-2 border-l-2 px-3 py-1.5 lg:px-4',
        selected ? 'border-focus bg-surface-2' : isError(row) ? 'border-bad' : 'border-transparent',
      )}
    >
      <time
        dateTime={event.at}
        title={exact(event.at)}
        className="nums w-14 shrink-0 pt-0.5 text-xs text-ink-3 max-sm:hidden"
      >
        {time}
      </time>
      <span className={cn('mt-0.5 shrink-0 [&_svg]:size-4', texts[look.tone])}>{look.icon}</span>
      <div className="min-w-0 flex-1">
        <div className="flex items-start gap-2">
          <div className="min-w-0 flex-1 text-sm">
            {look.detail.length > 0 ? (
              <button
                type="button"
                aria-expanded={open}
                onClick={() => setOpen(!open)}
                className="flex max-w-full items-center gap-1 text-left"
              >
                <span className={cn('truncate', title)}>{look.title}</span>
                <ChevronRight
                  aria-hidden
                  className={cn('size-3.5 shrink-0 text-ink-3 transition-transform', open && 'rotate-90')}
                />
              </button>
            ) : (
              <p className={cn('wrap-anywhere', title)}>{look.title}</p>
            )}
          </div>
          <span className="nums flex shrink-0 items-center gap-2 pt-0.5 text-xs text-ink-3">
            {row.open && <span className="text-run">at work</span>}
            {look.facts.map((fact) => (
              <span key={fact}>{fact}</span>
            ))}
            {byAgent.has(event.type) && event.agent && look.title !== event.agent && (
              <span className="max-sm:hidden">{event.agent}</span>
            )}
          </span>
          {/* Always there, as a finger cannot hover; in a column of their own, so that they stand still. */}
          <span className="-my-1 flex shrink-0 text-ink-3 group-focus-within:text-ink-2 group-hover:text-ink-2">
            <RowButton label="Fork the run from here" onPress={() => onFork(row.end)}>
              {forkIcon}
            </RowButton>
            <RowButton label="Link to this event" onPress={() => onLink(row.seq)}>
              {linkIcon}
            </RowButton>
          </span>
        </div>
        {look.text && <RichText text={look.text} className="mt-0.5" />}
        {open && (
          <Suspense>
            <EventDetail detail={look.detail} cut={event.truncated} artifact={look.artifact} run={run} />
          </Suspense>
        )}
      </div>
    </article>
  )
})

/** Without the machinery of a tooltip: lines come by the hundred while one scrolls. */
function RowButton({ label, onPress, children }: { label: string; onPress: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onPress}
      className="inline-flex size-7 items-center justify-center rounded-md hover:bg-surface-2 hover:text-ink [&_svg]:size-4"
    >
      {children}
    </button>
  )
}
