/** Where to go after signing in: a path on this site, or home. An address that leaves the site is not followed. */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/'
  const url = new URL(next, 'http://here.invalid')
  return url.host === 'here.invalid' ? url.pathname + url.search + url.hash : '/'
}

/** A value of a search parameter, if it is one of these. */
export function oneOf<const T extends string>(value: unknown, ...known: readonly T[]): T | undefined {
  return known.find((one) => one === value)
}

/** A list in a search parameter: absent when empty, so that the address stays short. */
export function listOf<const T extends string>(value: unknown, known?: readonly T[]): T[] | undefined {
  const all = (Array.isArray(value) ? value : typeof value === 'string' ? [value] : []) as T[]
  const kept = all.filter((one) => typeof one === 'string' && (!known || known.includes(one)))
  return kept.length > 0 ? kept : undefined
}

/** Text in a search parameter. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined

/** Whether a search parameter says yes. */
export const flagOf = (value: unknown): true | undefined =>
  value === true || value === 1 || value === '1' || value === 'true' ? true : undefined

/** A secret in the address: behind the `#`, so that no server and no log on the way gets to see it. */
export const secretIn = (hash: string, name: string): string | undefined =>
  new URLSearchParams(hash.replace(/^#/, '')).get(name) ?? undefined
