import type { Usage } from '@/api/generated/types.gen'
import { cn } from '@/lib/cn'
import { ago, duration, exact } from '@/lib/dates'
import { count, money, short } from '@/lib/numbers'
import { useNow } from './clock'

/** "3m ago", with the exact moment in reach. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const now = useNow('slow')
  return (
    <time dateTime={at} title={exact(at)} className={cn('nums whitespace-nowrap', className)}>
      {ago(at, Math.max(now, Date.now() - 15_000))}
    </time>
  )
}

/** How long something took, or takes: without an end it counts on. */
export function Elapsed({ from, to, className }: { from: string; to?: string | undefined; className?: string }) {
  const now = useNow(to ? 'never' : 'second')
  const end = to ? new Date(to).getTime() : now
  return <span className={cn('nums whitespace-nowrap', className)}>{duration(end - new Date(from).getTime())}</span>
}

export function Money({ micros, className }: { micros: number; className?: string }) {
  return <span className={cn('nums whitespace-nowrap', className)}>{money(micros)}</span>
}

/** What a call may have cost whose answer was lost: nobody knows, and it is not hidden. */
export const possibleCost = (usage: Pick<Usage, 'possible_usd_micros'>): string | undefined =>
  usage.possible_usd_micros > 0
    ? `Up to ${money(usage.possible_usd_micros)} more may be charged: the answers of some calls were lost.`
    : undefined

/** What something cost, and what may come on top. */
export function Cost({
  usage,
  className,
}: {
  usage: Pick<Usage, 'cost_usd_micros' | 'possible_usd_micros'>
  className?: string
}) {
  const more = possibleCost(usage)
  return (
    <span className={cn('nums whitespace-nowrap', className)} title={more}>
      {money(usage.cost_usd_micros)}
      {more && (
        <>
          <span aria-hidden className="text-wait">
            {' '}
            +{money(usage.possible_usd_micros)}?
          </span>
          <span className="sr-only">. {more}</span>
        </>
      )}
    </span>
  )
}

export function Tokens({ n, className }: { n: number; className?: string }) {
  return (
    <span title={`${count(n)} tokens`} className={cn('nums whitespace-nowrap', className)}>
      {short(n)} tok
    </span>
  )
}

/** Spent against what may be spent. */
export function Budget({ spent, cap, className }: { spent: number; cap?: number | undefined; className?: string }) {
  if (!cap) return <Money micros={spent} {...(className ? { className } : {})} />
  const share = Math.min(1, spent / cap)
  return (
    <span className={cn('inline-flex items-center gap-1.5', className)}>
      <span className="nums whitespace-nowrap">
        {money(spent)} <span className="text-ink-3">of {money(cap)}</span>
      </span>
      <span aria-hidden className="h-1.5 w-10 overflow-hidden rounded-full bg-line">
        <span
          className={cn('block h-full', share >= 1 ? 'bg-bad' : share >= 0.8 ? 'bg-wait' : 'bg-ink-3')}
          style={{ width: `${share * 100}%` }}
        />
      </span>
    </span>
  )
}
