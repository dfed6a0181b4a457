import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ChartColumn } from 'lucide-react'
import { lazy, Suspense } from 'react'
import {
  getMetricsSeriesOptions,
  getMetricsSummaryOptions,
  listRepositoriesOptions,
} from '@/api/generated/@tanstack/react-query.gen'
import { Empty } from '@/components/empty'
import { PageHeader } from '@/components/page-header'
import { ProblemCard } from '@/components/problem-card'
import { Select } from '@/components/ui/input'
import { Skeleton } from '@/components/ui/skeleton'
import { Segmented } from '@/components/ui/toggle'
import { Breakdown } from '@/features/metrics/breakdown'
import { duration } from '@/lib/dates'
import { count, money, percent, short } from '@/lib/numbers'

const Charts = lazy(() => import('@/features/metrics/charts'))

export default function InsightsPage() {
  const search = useSearch({ from: '/shell/insights' })
  const navigate = useNavigate({ from: '/insights' })
  const range = search.range ?? ('30d' as const)
  const query = { range, ...(search.repository ? { repository_id: search.repository } : {}) }
  const summary = useQuery(getMetricsSummaryOptions({ query }))
  const series = useQuery(getMetricsSeriesOptions({ query }))
  const repositories = useQuery(listRepositoriesOptions({ query: { limit: 200 } }))
  const sum = summary.data
  const ended = sum ? sum.succeeded + sum.failed : 0
  const figures = [
    ['Cost', sum && money(sum.cost_usd_micros)],
    ['Tokens', sum && short(sum.tokens)],
    ['Runs', sum && count(sum.runs)],
    ['Done', sum && (ended > 0 ? percent(sum.succeeded / ended) : '–')],
    ['Time to a result', sum && (sum.lead_time_ms === undefined ? '–' : duration(sum.lead_time_ms))],
  ] as const
  const error = summary.error ?? series.error
  return (
    <>
      <PageHeader
        title="Insights"
        lead="What it costs and what comes of it."
        actions={
          <>
            <span className="w-44">
              <Select
                aria-label="Repository"
                value={search.repository ?? ''}
                onChange={(event) =>
                  void navigate({ search: { ...search, repository: event.target.value || undefined }, replace: true })
                }
              >
                <option value="">All repositories</option>
                {repositories.data?.items.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            </span>
            <Segmented
              label="Time"
              value={range}
              onChange={(next) =>
                void navigate({ search: { ...search, range: next === '30d' ? undefined : next }, replace: true })
              }
              options={[
                { value: '7d', label: '7 days' },
                { value: '30d', label: '30 days' },
                { value: '90d', label: '90 days' },
              ]}
            />
          </>
        }
      />
      {error ? (
        <ProblemCard error={error} retry={() => void Promise.all([summary.refetch(), series.refetch()])} />
      ) : sum?.runs === 0 ? (
        <Empty icon={<ChartColumn />} title="Nothing has run in this time">
          Choose a longer time or another repository above.
        </Empty>
      ) : (
        <div className="flex flex-col gap-4 px-4 pb-6 lg:px-6">
          <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-5">
            {figures.map(([word, value]) => (
              <div key={word} className="rounded-lg border border-line bg-surface px-4 py-3">
                <dt className="text-xs text-ink-3">{word}</dt>
                <dd className="nums mt-0.5 text-xl font-semibold">{value ?? <Skeleton className="h-7 w-16" />}</dd>
              </div>
            ))}
          </dl>
          <div className="grid items-start gap-4 xl:grid-cols-2">
            <Suspense fallback={<Skeleton className="h-64" />}>
              {series.data ? <Charts series={series.data} /> : <Skeleton className="h-64" />}
            </Suspense>
            <Breakdown title="Cost by model" query={{ ...query, by: 'model' }} />
            <Breakdown title="Cost by agent" query={{ ...query, by: 'agent' }} />
            <Breakdown title="Cost by repository" query={{ ...query, by: 'repository' }} />
          </div>
        </div>
      )}
    </>
  )
}
