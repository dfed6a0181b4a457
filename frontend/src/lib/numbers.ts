/** Numbers as people read them. Money arrives in millionths of a dollar. */

const cents = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })
const fine = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 4 })
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })
const whole = new Intl.NumberFormat('en-US')
const percentage = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 0 })

/** Dollars and cents; below ten cents as many digits as say something. */
export function money(micros: number): string {
  const dollars = micros / 1e6
  return dollars !== 0 && Math.abs(dollars) < 0.1 ? fine.format(dollars) : cents.format(dollars)
}

/** 1234 → 1.2K */
export const short = (n: number): string => compact.format(n)

/** 1234 → 1,234 */
export const count = (n: number): string => whole.format(n)

/** 0.5 → 50% */
export const percent = (ratio: number): string => percentage.format(ratio)

/** One of two words, by number: `plural(2, 'run')` → `2 runs`. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${whole.format(n)} ${n === 1 ? one : many}`

/** Dollars as typed, in millionths; nothing when it is no amount. */
export function toMicros(text: string): number | undefined {
  const clean = text.trim().replace(/^\$/, '')
  if (!/^\d+(\.\d{1,6})?$/.test(clean)) return undefined
  return Math.round(Number(clean) * 1e6)
}

/** The same as it would be typed. */
export const dollars = (micros: number): string => String(micros / 1e6)

/** 1536 → 1.5 KB */
export function bytes(n: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  let power = 0
  let value = n
  while (value >= 1024 && power < units.length - 1) {
    value /= 1024
    power += 1
  }
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`
}
