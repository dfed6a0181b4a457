/** Days as they are counted somewhere on earth. */

/** Where this browser is. */
export const hereZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'

/** Whether the browser knows a time zone of that name. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** How far a zone is ahead of UTC at a moment, in milliseconds. */
function ahead(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  const there = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return there - Math.floor(at / 1000) * 1000
}

/** When the day began that is `days` before today, in a zone. */
export function dayBefore(now: number, days: number, zone: string): Date {
  const there = new Date(now + ahead(now, zone))
  const midnight = Date.UTC(there.getUTCFullYear(), there.getUTCMonth(), there.getUTCDate() - days)
  // Twice: what the zone is ahead may differ between the guess and midnight.
  const guess = midnight - ahead(midnight, zone)
  return new Date(midnight - ahead(guess, zone))
}
