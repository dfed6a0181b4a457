import { AxisBottom, AxisLeft } from '@visx/axis'
import { scaleBand, scaleLinear } from '@visx/scale'
import { Bar, BarStack, LinePath } from '@visx/shape'
import { Fragment } from 'react'
import type { Tone } from '../ui/badge'
import { useWidth } from './use-width'

export interface Point {
  /** Its place on the axis, in words. */
  label: string
  values: Record<string, number>
  /** Not over yet: drawn lighter. */
  partial?: boolean | undefined
}

export interface Line {
  key: string
  label: string
  tone: Tone
}

const HEIGHT = 200
const MARGIN = { top: 8, right: 8, bottom: 26, left: 52 }
const color = (tone: Tone) => `var(--${tone})`
const tick = { fill: 'var(--ink-3)', fontSize: 11, fontFamily: 'inherit' }

/** Values by day: stacked bars or lines. What it says stands in its label as well. */
export function SeriesChart({
  label,
  points,
  lines,
  kind = 'bars',
  format,
}: {
  label: string
  points: Point[]
  lines: Line[]
  kind?: 'bars' | 'lines'
  format: (value: number) => string
}) {
  const [ref, width] = useWidth()
  const inner = Math.max(0, width - MARGIN.left - MARGIN.right)
  const total = (point: Point) => lines.reduce((sum, { key }) => sum + (point.values[key] ?? 0), 0)
  const most = Math.max(
    ...points.map((point) =>
      kind === 'bars' ? total(point) : Math.max(...lines.map(({ key }) => point.values[key] ?? 0)),
    ),
    0,
  )
  const x = scaleBand({ domain: points.map((point) => point.label), range: [0, inner], padding: 0.3 })
  const y = scaleLinear({ domain: [0, most || 1], range: [HEIGHT - MARGIN.top - MARGIN.bottom, 0], nice: 4 })
  const every = Math.max(1, Math.ceil(points.length / Math.max(1, Math.floor(inner / 64))))
  const rows = points.map((point) => ({ label: point.label, ...point.values }))
  return (
    <div ref={ref}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={label}>
          <g transform={`translate(${MARGIN.left},${MARGIN.top})`}>
            {y.ticks(4).map((value) => (
              <line key={value} x2={inner} y1={y(value)} y2={y(value)} stroke="var(--line)" />
            ))}
            {kind === 'bars' ? (
              <BarStack
                data={rows}
                keys={lines.map(({ key }) => key)}
                x={(row) => row.label}
                xScale={x}
                yScale={y}
                color={(key) => color(lines.find((line) => line.key === key)?.tone ?? 'idle')}
              >
                {(stacks) =>
                  stacks.map((stack) => (
                    <Fragment key={stack.key}>
                      {stack.bars.map((bar) => (
                        <Bar
                          key={bar.index}
                          x={bar.x}
                          y={bar.y}
                          width={bar.width}
                          height={Math.max(0, bar.height)}
                          fill={bar.color}
                          opacity={points[bar.index]?.partial ? 0.5 : 1}
                        >
                          <title>{`${points[bar.index]?.label}: ${format(points[bar.index]?.values[String(stack.key)] ?? 0)}`}</title>
                        </Bar>
                      ))}
                    </Fragment>
                  ))
                }
              </BarStack>
            ) : (
              lines.map((line) => (
                <LinePath
                  key={line.key}
                  data={points}
                  x={(point) => (x(point.label) ?? 0) + x.bandwidth() / 2}
                  y={(point) => y(point.values[line.key] ?? 0)}
                  stroke={color(line.tone)}
                  strokeWidth={2}
                />
              ))
            )}
            <AxisLeft
              scale={y}
              numTicks={4}
              hideAxisLine
              hideTicks
              tickFormat={(value) => format(Number(value))}
              tickLabelProps={() => ({ ...tick, textAnchor: 'end', dx: -4, dy: 4 })}
            />
            <AxisBottom
              top={HEIGHT - MARGIN.top - MARGIN.bottom}
              scale={x}
              hideTicks
              stroke="var(--line-strong)"
              tickValues={points.filter((_, i) => i % every === 0).map((point) => point.label)}
              tickLabelProps={() => ({ ...tick, textAnchor: 'middle', dy: 2 })}
            />
          </g>
        </svg>
      )}
      {lines.length > 1 && (
        <ul className="flex flex-wrap gap-x-4 gap-y-1 pl-13 text-xs text-ink-2">
          {lines.map((line) => (
            <li key={line.key} className="flex items-center gap-1.5">
              <span aria-hidden className="size-2.5 rounded-sm" style={{ background: color(line.tone) }} />
              {line.label}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
