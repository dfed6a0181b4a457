import type { AuditSearch } from '@/lib/searches'

/** A day as it is here, from its beginning; the one after it for an end. */
const day = (text: string | undefined, after: number): string | undefined => {
  if (!text) return undefined
  const [year = 0, month = 1, date = 1] = text.split('-').map(Number)
  return new Date(year, month - 1, date + after).toISOString()
}

/** What is asked of the server for the filters of an address. */
export const auditQuery = ({ actor, action, subject, from, until }: AuditSearch) => ({
  actor_id: actor,
  action,
  subject,
  since: day(from, 0),
  until: day(until, 1),
})
