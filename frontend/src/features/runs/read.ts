/** What an event carries differs from kind to kind and is read with care: a field that is not there is no text. */

export const field = (data: unknown, name: string): unknown =>
  typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[name] : undefined

export const textIn = (data: unknown, name: string): string | undefined => {
  const value = field(data, name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

export const numberIn = (data: unknown, name: string): number | undefined => {
  const value = field(data, name)
  return typeof value === 'number' ? value : undefined
}

/** Texts in a list, or in a single text. */
export const textsIn = (data: unknown, name: string): string[] => {
  const value = field(data, name)
  if (typeof value === 'string') return [value]
  return Array.isArray(value)
    ? value.map((one) => (typeof one === 'string' ? one : (textIn(one, 'text') ?? JSON.stringify(one))))
    : []
}
