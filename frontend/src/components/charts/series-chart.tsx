import { AxisBottom, AxisLeft } from '@visx/axis'
import { scaleBand, scaleLinear } from '@visx/scale'
import { Bar, BarStack } from '@visx/shape'
import { useId } from 'react'
import type { Tone } from '../ui/badge'
import { useWidth } from './use-width'

export interface Point {
  /** What tells it from the others. */
  key: string
  /** Its place on the axis, in words. */
  label: string
  values: Record<string, number>
  /** Covers a part of its time only, because the rest is still to come. */
  partial: boolean
}

export interface Part {
  key: string
  label: string
  tone: Tone
}

const HEIGHT = 190
const MARGIN = { top: 8, right: 4, bottom: 24, left: 52 }
const color = (tone: Tone) => `var(--${tone})`
const tick = { fill: 'var(--ink-3)', fontSize: 11, fontFamily: 'inherit' }

interface SeriesChartProps {
  /** All that it says, for those who do not see it. */
  label: string
  points: Point[]
  parts: Part[]
  format: (value: number) => string
  /** The point under the pointer. */
  at: number | undefined
  onAt: (index: number | undefined) => void
}

/** Values over time, as stacked bars. What is not over yet is hatched: it will be more. */
export function SeriesChart({ label, points, parts, format, at, onAt }: SeriesChartProps) {
  const [ref, width] = useWidth()
  const id = useId()
  const inner = Math.max(0, width - MARGIN.left - MARGIN.right)
  const floor = HEIGHT - MARGIN.top - MARGIN.bottom
  const total = (point: Point) => parts.reduce((sum, { key }) => sum + (point.values[key] ?? 0), 0)
  const most = Math.max(...points.map(total), 0)
  const x = scaleBand({
    domain: points.map(({ key }) => key),
    range: [0, inner],
    padding: points.length > 60 ? 0.15 : 0.3,
  })
  const y = scaleLinear({ domain: [0, most || 1], range: [floor, 0], nice: 4 })
  const every = Math.max(1, Math.ceil(points.length / Math.max(1, Math.floor(inner / 60))))
  const words = new Map(points.map((point) => [point.key, point.label]))
  const rows = points.map((point) => ({ key: point.key, ...point.values }))
  return (
    <div ref={ref} style={{ minHeight: HEIGHT }}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={label}>
          <defs>
            {parts.map(({ key, tone }) => (
              <pattern
                key={key}
                id={`${id}${key}`}
                width={5}
                height={5}
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)"
              >
                <rect width={5} height={5} fill={`var(--${tone}-tint)`} />
                <rect width={2.5} height={5} fill={color(tone)} />
              </pattern>
            ))}
          </defs>
          <g transform={`translate(${MARGIN.left},${MARGIN.top})`}>
            {y.ticks(4).map((value) => (
              <line key={value} x2={inner} y1={y(value)} y2={y(value)} stroke="var(--line)" />
            ))}
            {at !== undefined && points[at] && (
              <rect
                x={(x(points[at].key) ?? 0) - (x.step() - x.bandwidth()) / 2}
                width={x.step()}
                height={floor}
                fill="var(--surface-2)"
              />
            )}
            <BarStack
              data={rows}
              keys={parts.map(({ key }) => key)}
              x={(row) => row.key}
              xScale={x}
              yScale={y}
              color={(key) => color(parts.find((part) => part.key === key)?.tone ?? 'idle')}
            >
              {(stacks) =>
                stacks.flatMap((stack) =>
                  stack.bars.map((bar) =>
                    bar.height > 0 ? (
                      <Bar
                        key={`${stack.key} ${bar.index}`}
                        x={bar.x}
                        y={bar.y}
                        width={bar.width}
                        height={bar.height}
                        fill={points[bar.index]?.partial ? `url(#${id}${stack.key})` : bar.color}
                      />
                    ) : null,
                  ),
                )
              }
            </BarStack>
            {/* What the pointer finds: the whole column, not the bar alone. */}
            {points.map((point, i) => (
              <rect
                key={point.key}
                x={(x(point.key) ?? 0) - (x.step() - x.bandwidth()) / 2}
                width={x.step()}
                height={floor}
                fill="transparent"
                onPointerEnter={() => onAt(i)}
                onPointerLeave={() => onAt(undefined)}
              />
            ))}
            <AxisLeft
              scale={y}
              numTicks={4}
              hideAxisLine
              hideTicks
              // Half a run is none.
              tickFormat={(value) =>
                most < 4 && !Number.isInteger(Number(value)) && most === Math.floor(most) ? '' : format(Number(value))
              }
              tickLabelProps={() => ({ ...tick, textAnchor: 'end', dx: -4, dy: 4 })}
            />
            <AxisBottom
              top={floor}
              scale={x}
              hideTicks
              stroke="var(--line-strong)"
              tickFormat={(key) => words.get(key) ?? ''}
              tickValues={points.filter((_, i) => i % every === 0).map(({ key }) => key)}
              tickLabelProps={() => ({ ...tick, textAnchor: 'middle', dy: 2 })}
            />
          </g>
        </svg>
      )}
    </div>
  )
}

/** Which colour is what. */
export function Legend({ parts, partial }: { parts: Part[]; partial: boolean }) {
  if (parts.length < 2 && !partial) return null
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 pl-13 text-xs text-ink-2">
      {parts.length > 1 &&
        parts.map((part) => (
          <li key={part.key} className="flex items-center gap-1.5">
            <span aria-hidden className="size-2.5 rounded-xs" style={{ background: color(part.tone) }} />
            {part.label}
          </li>
        ))}
      {partial && (
        <li className="flex items-center gap-1.5">
          <span
            aria-hidden
            className="size-2.5 rounded-xs border border-line"
            style={{ background: 'repeating-linear-gradient(45deg, var(--ink-3) 0 1.5px, var(--surface) 1.5px 3px)' }}
          />
          not over yet
        </li>
      )}
    </ul>
  )
}
