import { useQuery } from '@tanstack/react-query'
import { getMetricsBreakdownOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { GetMetricsBreakdownData } from '@/api/generated/types.gen'
import { RankedBars } from '@/components/charts/ranked-bars'
import { ProblemCard } from '@/components/problem-card'
import { Skeleton } from '@/components/ui/skeleton'
import { money, plural } from '@/lib/numbers'

type Query = NonNullable<GetMetricsBreakdownData['query']>

/** Where the money goes, by one thing. */
export function Breakdown({ title, query }: { title: string; query: Query }) {
  const { data, error, refetch } = useQuery(getMetricsBreakdownOptions({ query }))
  return (
    <section aria-label={title} className="min-w-0 rounded-lg border border-line bg-surface p-4">
      <h2 className="mb-3 text-sm font-medium">{title}</h2>
      {error ? (
        <ProblemCard error={error} retry={() => void refetch()} compact />
      ) : !data ? (
        <Skeleton className="h-24" />
      ) : data.items.length === 0 ? (
        <p className="text-sm text-ink-2">Nothing in this time.</p>
      ) : (
        <RankedBars
          rows={data.items.map((one) => ({
            label: one.label,
            value: one.cost_usd_micros,
            note: plural(one.runs, 'run'),
          }))}
          format={money}
        />
      )}
    </section>
  )
}
