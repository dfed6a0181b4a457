import type { MetricsBucketLength } from '@/api/generated/types.gen'
import type { insightRanges } from '@/lib/searches'
import { dayBefore } from '@/lib/zones'

export type Range = (typeof insightRanges)[number]

/** How long each range is, and the stretches it may be cut into; the first is its own. */
export const rangeOf: Record<Range, { word: string; days: number; buckets: MetricsBucketLength[] }> = {
  '24h': { word: '24 hours', days: 1, buckets: ['hour'] },
  '7d': { word: '7 days', days: 7, buckets: ['day', 'hour'] },
  '30d': { word: '30 days', days: 30, buckets: ['day', 'week'] },
  '90d': { word: '90 days', days: 90, buckets: ['week', 'day'] },
  '1y': { word: 'year', days: 365, buckets: ['week'] },
}

const HOUR = 3_600_000

/** Where a range begins: with an hour or a day, so that only what is under way is cut. The same all hour or day long,
 *  so that what was read can be kept. */
export function beginOf(range: Range, zone: string, now: number): string {
  if (range === '24h') return new Date(Math.floor(now / HOUR) * HOUR - 23 * HOUR).toISOString()
  return dayBefore(now, rangeOf[range].days - 1, zone).toISOString()
}

/** The bucket that is asked for, if the range can be cut so. */
export const bucketOf = (range: Range, wanted: MetricsBucketLength | undefined): MetricsBucketLength => {
  const { buckets } = rangeOf[range]
  return buckets.find((one) => one === wanted) ?? buckets[0] ?? 'day'
}
