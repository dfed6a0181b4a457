import { useState } from 'react'
import type { MetricsBucket, MetricsBucketLength, MetricsSeries } from '@/api/generated/types.gen'
import { ChartFrame } from '@/components/charts/chart-frame'
import { Legend, type Part, type Point, SeriesChart } from '@/components/charts/series-chart'
import { Table, Td, Th } from '@/components/ui/table'
import { count, money, short } from '@/lib/numbers'

interface Kind {
  title: string
  parts: (Part & { of: (bucket: MetricsBucket) => number })[]
  format: (value: number) => string
  /** What the sum of all is called. */
  sum?: string
}

const kinds: Kind[] = [
  {
    title: 'Cost',
    format: money,
    parts: [{ key: 'cost', label: 'Cost', tone: 'run', of: ({ usage }) => usage.cost_usd_micros }],
  },
  {
    title: 'Runs',
    format: count,
    sum: 'started',
    parts: [
      { key: 'succeeded', label: 'Done', tone: 'ok', of: ({ runs }) => runs.succeeded },
      { key: 'open', label: 'Open', tone: 'run', of: ({ runs }) => runs.open },
      { key: 'needs_human', label: 'Needs a person', tone: 'wait', of: ({ runs }) => runs.needs_human },
      { key: 'rejected', label: 'Rejected', tone: 'plan', of: ({ runs }) => runs.rejected },
      { key: 'canceled', label: 'Canceled', tone: 'idle', of: ({ runs }) => runs.canceled },
      { key: 'failed', label: 'Failed', tone: 'bad', of: ({ runs }) => runs.failed },
    ],
  },
  {
    title: 'Tokens',
    format: short,
    sum: 'in all',
    parts: [
      { key: 'input', label: 'In', tone: 'run', of: ({ usage }) => usage.input_tokens },
      {
        key: 'cache',
        label: 'Cache',
        tone: 'idle',
        of: ({ usage }) => usage.cache_read_tokens + usage.cache_write_tokens,
      },
      { key: 'output', label: 'Out', tone: 'plan', of: ({ usage }) => usage.output_tokens },
    ],
  },
]

interface When {
  zone: string
  bucket: MetricsBucketLength
}

/** What a stretch of time is called on an axis, and in full. */
function wordsOf({ zone: timeZone, bucket }: When) {
  const day = new Intl.DateTimeFormat('en', { timeZone, month: 'short', day: 'numeric' })
  const hour = new Intl.DateTimeFormat('en', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  return (start: string, long: boolean): string => {
    const at = new Date(start)
    if (bucket === 'day') return day.format(at)
    if (bucket === 'week') return long ? `Week of ${day.format(at)}` : day.format(at)
    return long || hour.format(at) === '00:00' ? `${day.format(at)}, ${hour.format(at)}` : hour.format(at)
  }
}

function SeriesFrame({ kind, series, when }: { kind: Kind; series: MetricsSeries; when: When }) {
  const [at, setAt] = useState<number>()
  const { title, format, sum } = kind
  const words = wordsOf(when)
  const add = (buckets: MetricsBucket[], parts = kind.parts) =>
    buckets.reduce((all, bucket) => all + parts.reduce((some, part) => some + part.of(bucket), 0), 0)
  // What never happened needs no colour; it still has its column in the table.
  const some = kind.parts.filter((part) => add(series.items, [part]) > 0)
  const parts = some.length > 0 ? some : kind.parts.slice(0, 1)
  const points: Point[] = series.items.map((bucket) => ({
    key: bucket.start,
    label: words(bucket.start, false),
    partial: bucket.partial,
    values: Object.fromEntries(parts.map((part) => [part.key, part.of(bucket)])),
  }))
  const tell = (buckets: MetricsBucket[]) =>
    [
      `${format(add(buckets))}${sum ? ` ${sum}` : ''}`,
      ...(parts.length > 1 ? parts.map((part) => `${part.label.toLowerCase()} ${format(add(buckets, [part]))}`) : []),
    ].join(' · ')
  const here = at === undefined ? undefined : series.items[at]
  const partial = series.items.some((bucket) => bucket.partial)
  return (
    <ChartFrame
      title={title}
      lead={
        here ? (
          <>
            <span className="text-ink">{words(here.start, true)}</span>
            {here.partial && ' (so far)'}: {tell([here])}
          </>
        ) : (
          tell(series.items)
        )
      }
      table={
        <div className="mt-2 max-h-72 overflow-y-auto">
          <Table
            label={`${title}, number by number`}
            stacks={kind.parts.length > 2}
            className="[&_td]:h-8 [&_tr:last-child_td]:border-b-0"
          >
            <thead>
              <tr>
                <Th>From</Th>
                {kind.parts.map(({ key, label }) => (
                  <Th key={key} right>
                    {label}
                  </Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {series.items.map((bucket) => (
                <tr key={bucket.start}>
                  <Td className="whitespace-nowrap">
                    {words(bucket.start, true)}
                    {bucket.partial && <span className="text-ink-3"> so far</span>}
                  </Td>
                  {kind.parts.map(({ key, label, of }) => (
                    <Td key={key} right word={label}>
                      {format(of(bucket))}
                    </Td>
                  ))}
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      }
    >
      <SeriesChart
        label={`${title} by ${when.bucket}: ${tell(series.items)}. The table has every number.`}
        points={points}
        parts={parts}
        format={format}
        at={at}
        onAt={setAt}
      />
      <Legend parts={parts} partial={partial} />
    </ChartFrame>
  )
}

/** Cost, runs and tokens over time. Loaded lazily with the library that draws them. */
export default function Charts({ series, zone, bucket }: When & { series: MetricsSeries }) {
  return kinds.map((kind) => <SeriesFrame key={kind.title} kind={kind} series={series} when={{ zone, bucket }} />)
}
