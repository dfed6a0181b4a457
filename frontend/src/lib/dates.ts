/** Times as people read them. Everything on the wire is RFC 3339. */

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' })
const full = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' })
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' })

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 7],
  ['week', 4.35],
  ['month', 12],
  ['year', Number.POSITIVE_INFINITY],
]

/** "3m ago", "in 2h"; below five seconds "now". */
export function ago(at: string | Date, now: number): string {
  let value = (new Date(at).getTime() - now) / 1000
  if (Math.abs(value) < 5) return 'now'
  for (const [unit, many] of steps) {
    if (Math.abs(value) < many) return relative.format(Math.trunc(value), unit)
    value /= many
  }
  return full.format(new Date(at))
}

/** A length of time: 850 ms, 12.3 s, 4m 05s, 2h 10m. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(Math.max(0, ms))} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${two((seconds % 3600) / 60)}m`
  return `${Math.floor(seconds / 86_400)}d ${two((seconds % 86_400) / 3600)}h`
}

export const exact = (at: string | Date): string => full.format(new Date(at))
export const timeOfDay = (at: string | Date): string => clock.format(new Date(at))
export const shortDay = (at: string | Date): string => day.format(new Date(at))
