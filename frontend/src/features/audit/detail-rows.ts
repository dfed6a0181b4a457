import { exact } from '@/lib/dates'
import { money } from '@/lib/numbers'

/** What an entry says in a line; where something was changed, what it was before. */
export interface DetailRow {
  label: string
  value: string
  before?: string
}

type Fields = Record<string, unknown>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isTime = (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)

/** A value as people say it. */
function said(value: unknown, key = ''): string {
  if (value === null || value === undefined || value === '') return 'nothing'
  if (value === true) return 'yes'
  if (value === false) return 'no'
  if (typeof value === 'number') return key.endsWith('_usd_micros') ? money(value) : String(value)
  if (typeof value === 'string') return isTime(value) ? exact(value) : value
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.map((one) => said(one)).join(', ')
  return JSON.stringify(value)
}

/** `default_branch` → `Default branch` */
const labelOf = (path: readonly string[]): string => {
  const words = path.map((part) => part.replace(/_usd_micros$/, '').replaceAll('_', ' ')).join(' · ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function rows(fields: Fields, path: readonly string[]): DetailRow[] {
  const { before, after, from, to, ...rest } = fields
  const changed: DetailRow[] = []
  if (isFields(before) && isFields(after))
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [was, is] = [said(before[key], key), said(after[key], key)]
      changed.push({ label: labelOf([...path, key]), value: is, ...(was === is ? {} : { before: was }) })
    }
  else Object.assign(rest, before === undefined ? {} : { before }, after === undefined ? {} : { after })
  if ('from' in fields && 'to' in fields)
    changed.push({ label: path.length > 0 ? labelOf(path) : 'Change', value: said(to), before: said(from) })
  else Object.assign(rest, from === undefined ? {} : { from }, to === undefined ? {} : { to })
  const others = Object.entries(rest).flatMap(([key, value]) =>
    isFields(value)
      ? rows(value, [...path, key])
      : // What was left as it was is told as nothing at all.
        value === null
        ? []
        : [{ label: labelOf([...path, key]), value: said(value, key) }],
  )
  return [...changed, ...others]
}

/** The detail of an entry, line by line. */
export function detailRows(detail: unknown): DetailRow[] {
  if (isFields(detail)) return rows(detail, [])
  return detail === null || detail === undefined ? [] : [{ label: 'Detail', value: said(detail) }]
}
