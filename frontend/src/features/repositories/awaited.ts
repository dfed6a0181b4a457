import type { Repository } from '@/api/generated/types.gen'

/** A fetch that was asked for here and takes longer than the server waits for it: it says nothing of it until it has
 *  ended, and then when that was. */
export interface GoesOn {
  /** When it was fetched last as this one was asked for. */
  before: string | undefined
  /** When that was, in milliseconds. */
  since: number
}

/** How often a repository is asked for that is being fetched, in milliseconds: no stream tells of its end. */
const SOON = 2000
/** The same for one that is long in coming; and after a fetch that failed: somebody may have had it tried again. */
const NOW_AND_THEN = 15_000
/** Longer than this, nothing is soon. */
const LONG = 5 * 60_000
/** A server that was ended in the middle never says that it is over. */
const FOREVER = 2 * 60 * 60_000

/** Whether a fetch that was asked for is still to end. */
export const goesOnStill = (repository: Repository, fetch: GoesOn | undefined, now: number): boolean =>
  fetch !== undefined && repository.synced_at === fetch.before && now - fetch.since < FOREVER

/** Whether its first fetch is under way; one that failed is over, if it was not asked for again. */
export const isBeingFetched = ({ pending_since, sync_error }: Repository): boolean =>
  pending_since !== undefined && !sync_error

/** When to ask again for repositories some of which may still wait for a fetch; never when none does. */
export function askAgain(
  shown: readonly Repository[] | undefined,
  fetches: Readonly<Record<string, GoesOn>>,
  now = Date.now(),
): number | false {
  const waits = (shown ?? []).map((repository): number | false => {
    const fetch = fetches[repository.id]
    if (fetch && goesOnStill(repository, fetch, now)) return now - fetch.since < LONG ? SOON : NOW_AND_THEN
    if (isBeingFetched(repository)) return SOON
    return repository.pending_since ? NOW_AND_THEN : false
  })
  const times = waits.filter((ms) => ms !== false)
  return times.length > 0 && Math.min(...times)
}
