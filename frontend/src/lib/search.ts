/** The part of an address behind `?`, readable by people: `status=running&status=failed`. */

type Value = string | number | boolean | readonly string[] | null | undefined

export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {}
  for (const [key, value] of new URLSearchParams(text)) {
    const before = found[key]
    found[key] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value]
  }
  return found
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(search as Record<string, Value>)) {
    if (value === undefined || value === null || value === '' || value === false) continue
    const all = Array.isArray(value) ? value : [value === true ? '1' : String(value)]
    for (const one of all) params.append(key, one)
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** The same without the `?`, as it is saved: two that ask for the same are the same text, and one that asks for nothing is
 *  empty. */
export function queryOf(search: object): string {
  const params = new URLSearchParams(stringifySearch({ ...search }))
  params.sort()
  return params.toString()
}
