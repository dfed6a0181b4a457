/** A key that makes a repeated request the same request. */
export const requestKey = (): string =>
  // randomUUID exists on https and localhost only; a dashboard may be served in plain http within a network.
  typeof crypto.randomUUID === 'function'
    ? crypto.randomUUID()
    : Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')

/** The recognisable end of a prefixed id: `task_0192…ab12cd34` → `ab12cd34`. */
export const shortId = (id: string): string => id.replace(/^[a-z]+_/, '').slice(-8)
