import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { getMetricsSeriesOptions, getMetricsSummaryOptions } from '@/api/generated/@tanstack/react-query.gen'
import { useNow } from '@/components/clock'
import { Filters, RepositoryFilter } from '@/components/lists/filters'
import { PageHeader } from '@/components/page-header'
import { part, WhenHere } from '@/components/part'
import { ProblemCard } from '@/components/problem-card'
import { Select } from '@/components/ui/input'
import { Skeleton } from '@/components/ui/skeleton'
import { Segmented } from '@/components/ui/toggle'
import { SavedViews } from '@/components/views/saved-views'
import { Breakdown } from '@/features/insights/breakdown'
import { beginOf, bucketOf, rangeOf } from '@/features/insights/period'
import { Summary } from '@/features/insights/summary'
import { cn } from '@/lib/cn'
import { type InsightsSearch, insightRanges, insights } from '@/lib/searches'
import { hereZone, isZone } from '@/lib/zones'

const Charts = part(() => import('@/features/insights/charts'))

const lengths = { hour: 'By hour', day: 'By day', week: 'By week' } as const

export default function InsightsPage() {
  useEffect(() => void Charts.ahead(), [])
  const search = useSearch({ from: '/shell/insights' })
  const navigate = useNavigate({ from: '/insights' })
  const set = (change: InsightsSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const here = hereZone()
  const zone = search.zone && isZone(search.zone) ? search.zone : here
  const range = search.range ?? '30d'
  const bucket = bucketOf(range, search.bucket)
  const now = useNow('slow')
  const period = { from: beginOf(range, zone, now), ...(search.repository ? { repository_id: search.repository } : {}) }
  const kept = { placeholderData: keepPreviousData }
  const summary = useQuery({ ...getMetricsSummaryOptions({ query: period }), ...kept })
  const series = useQuery({
    ...getMetricsSeriesOptions({ query: { ...period, bucket, time_zone: zone } }),
    ...kept,
  })
  const zones = useMemo(() => [...new Set([here, 'UTC', zone, ...Intl.supportedValuesOf('timeZone')])], [here, zone])
  const error = (summary.isLoadingError && summary.error) || (series.isLoadingError && series.error)
  const stale = summary.isPlaceholderData || series.isPlaceholderData
  return (
    <>
      <PageHeader title="Insights" lead="What agents cost, and what came of it.">
        <Filters>
          <Segmented
            label="Range"
            value={range}
            onChange={(next) => set({ range: next === '30d' ? undefined : next })}
            options={insightRanges.map((value) => ({ value, label: value }))}
          />
          <Select
            aria-label="Grouping in time"
            className="w-26!"
            value={bucket}
            onChange={(event) => set({ bucket: bucketOf(range, event.target.value as typeof bucket) })}
          >
            {rangeOf[range].buckets.map((one) => (
              <option key={one} value={one}>
                {lengths[one]}
              </option>
            ))}
          </Select>
          <RepositoryFilter
            className="max-sm:min-w-28 max-sm:flex-1 sm:w-44"
            value={search.repository}
            onChange={(repository) => set({ repository })}
          />
          <Select
            aria-label="Time zone"
            className="max-sm:min-w-28 max-sm:flex-1 sm:w-44!"
            value={zone}
            onChange={(event) => set({ zone: event.target.value === here ? undefined : event.target.value })}
          >
            {zones.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </Select>
          <SavedViews page="metrics" filters={search} read={insights} onChoose={set} />
        </Filters>
      </PageHeader>
      {error ? (
        <ProblemCard error={error} retry={() => void Promise.all([summary.refetch(), series.refetch()])} />
      ) : (
        <div className="flex flex-col gap-4 px-4 pb-6 lg:px-6">
          <div aria-busy={stale} className={cn('flex flex-col gap-4', stale && 'opacity-50')}>
            {summary.data ? (
              <Summary summary={summary.data} before={`The ${rangeOf[range].word} before`} />
            ) : (
              <Skeleton className="h-20" />
            )}
            <div className="grid gap-4 xl:grid-cols-2 xl:[&>:first-child]:col-span-2">
              {series.data ? (
                <WhenHere part={Charts} fallback={<ChartsWait />}>
                  <Charts series={series.data} zone={zone} bucket={bucket} />
                </WhenHere>
              ) : (
                <ChartsWait />
              )}
            </div>
          </div>
          <Breakdown
            by={search.by ?? 'model'}
            onBy={(by) => set({ by: by === 'model' ? undefined : by })}
            query={period}
          />
        </div>
      )}
    </>
  )
}

function ChartsWait() {
  return (
    <>
      <Skeleton className="h-64" />
      <Skeleton className="h-64" />
      <Skeleton className="h-64" />
    </>
  )
}
