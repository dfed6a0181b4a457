import type { Repository } from '@/api/generated/types.gen'

/** How often a repository is asked for whose first fetch is under way, in milliseconds: no stream tells of its end. */
const SOON = 2000
/** The same after a fetch that failed: somebody may have had it tried again. */
const NOW_AND_THEN = 15_000

/** Whether its first fetch is under way; one that failed is over. */
export const isBeingFetched = ({ pending_since, sync_error }: Repository): boolean =>
  pending_since !== undefined && !sync_error

/** When to ask again for repositories some of which may still wait for a first fetch; never when none does. */
export function askAgain(shown: readonly Repository[] | undefined): number | false {
  const waiting = shown?.filter(({ pending_since }) => pending_since) ?? []
  if (waiting.length === 0) return false
  return waiting.some(isBeingFetched) ? SOON : NOW_AND_THEN
}
