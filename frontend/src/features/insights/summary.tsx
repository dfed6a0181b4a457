import type { MetricsSummary, Spending } from '@/api/generated/types.gen'
import { duration } from '@/lib/dates'
import { count, money, percent, short } from '@/lib/numbers'

const tokens = (usage: Spending) =>
  usage.input_tokens + usage.output_tokens + usage.cache_read_tokens + usage.cache_write_tokens

/** How much more or less it was before, in words; nothing where there is nothing to compare with. */
function change(now: number | undefined, before: number | undefined): string | undefined {
  if (now === undefined || before === undefined || before === 0) return undefined
  const ratio = now / before - 1
  if (Math.abs(ratio) < 0.005) return 'as before'
  if (ratio > 9.99) return 'over 10 × as much'
  return `${ratio > 0 ? '+' : '−'}${percent(Math.abs(ratio))}`
}

/** The period in five numbers, beside the one of the same length before it. */
export function Summary({ summary, before }: { summary: MetricsSummary; before: string }) {
  const { usage, usage_before, runs, runs_before } = summary
  const lead = (seconds: number | undefined) => (seconds === undefined ? undefined : duration(seconds * 1000))
  const figures = [
    {
      word: 'Cost',
      value: money(usage.cost_usd_micros),
      was: money(usage_before.cost_usd_micros),
      change: change(usage.cost_usd_micros, usage_before.cost_usd_micros),
    },
    {
      word: 'Tokens',
      value: short(tokens(usage)),
      was: short(tokens(usage_before)),
      change: change(tokens(usage), tokens(usage_before)),
    },
    {
      word: 'Runs started',
      value: count(runs.started),
      was: count(runs_before.started),
      change: change(runs.started, runs_before.started),
    },
    {
      word: 'Came to a good end',
      value: runs.success_rate === undefined ? '–' : percent(runs.success_rate),
      was: runs_before.success_rate === undefined ? '–' : percent(runs_before.success_rate),
      change: undefined,
    },
    {
      word: 'Median time to it',
      value: lead(runs.median_lead_seconds) ?? '–',
      was: lead(runs_before.median_lead_seconds) ?? '–',
      change: change(runs.median_lead_seconds, runs_before.median_lead_seconds),
    },
  ]
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-5">
      {figures.map((figure) => (
        <div key={figure.word} className="rounded-lg border border-line bg-surface px-4 py-3 max-xl:first:col-span-2">
          <dt className="text-xs text-ink-3">{figure.word}</dt>
          <dd className="nums mt-0.5 text-xl font-semibold">{figure.value}</dd>
          <dd className="nums mt-0.5 truncate text-xs text-ink-3" title={`${before}: ${figure.was}`}>
            {figure.change && `${figure.change} · `}
            <span aria-hidden>was</span>
            <span className="sr-only">{before}:</span> {figure.was}
          </dd>
        </div>
      ))}
    </dl>
  )
}
