import type { Series } from '@/api/generated/types.gen'
import { ChartFrame } from '@/components/charts/chart-frame'
import { type Line, SeriesChart } from '@/components/charts/series-chart'
import { Table, Td, Th } from '@/components/ui/table'
import { shortDay } from '@/lib/dates'
import { count, money, short } from '@/lib/numbers'

type Key = 'cost_usd_micros' | 'tokens' | 'succeeded' | 'failed'

interface SeriesProps {
  title: string
  series: Series
  lines: (Line & { key: Key })[]
  kind?: 'bars' | 'lines'
  format: (value: number) => string
}

function SeriesFrame({ title, series, lines, kind = 'bars', format }: SeriesProps) {
  const partial = series.items.some((point) => point.partial)
  const points = series.items.map((point) => ({
    label: shortDay(point.day),
    partial: point.partial,
    values: Object.fromEntries(lines.map(({ key }) => [key, point[key]])),
  }))
  const total = lines
    .map(({ key, label }) => `${label} ${format(series.items.reduce((sum, point) => sum + point[key], 0))}`)
    .join(', ')
  return (
    <ChartFrame
      title={title}
      lead={partial ? `${total}. Today is not over.` : total}
      table={
        <Table label={title}>
          <thead>
            <tr>
              <Th>Day</Th>
              {lines.map(({ key, label }) => (
                <Th key={key} right>
                  {label}
                </Th>
              ))}
            </tr>
          </thead>
          <tbody>
            {points.map((point) => (
              <tr key={point.label}>
                <Td>
                  {point.label}
                  {point.partial && ' (so far)'}
                </Td>
                {lines.map(({ key }) => (
                  <Td key={key} right>
                    {format(point.values[key] ?? 0)}
                  </Td>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      }
    >
      <SeriesChart label={`${title} by day: ${total}`} points={points} lines={lines} kind={kind} format={format} />
    </ChartFrame>
  )
}

/** Cost, runs and tokens, day by day. Loaded lazily with the library that draws them. */
export default function Charts({ series }: { series: Series }) {
  return (
    <>
      <SeriesFrame
        title="Cost"
        series={series}
        format={money}
        lines={[{ key: 'cost_usd_micros', label: 'Cost', tone: 'run' }]}
      />
      <SeriesFrame
        title="Runs"
        series={series}
        format={count}
        lines={[
          { key: 'succeeded', label: 'Done', tone: 'ok' },
          { key: 'failed', label: 'Failed', tone: 'bad' },
        ]}
      />
      <SeriesFrame
        title="Tokens"
        series={series}
        format={short}
        kind="lines"
        lines={[{ key: 'tokens', label: 'Tokens', tone: 'plan' }]}
      />
    </>
  )
}
