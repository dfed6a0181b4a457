import { useEffect, useLayoutEffect, useMemo, useSyncExternalStore } from 'react'
import { type Asked, RunFeed } from './feed'
import type { Match } from './row-log'

/** What a run says, all of it or what is asked for, for as long as somebody looks. */
export function useFeed(runId: string, { kind, q }: Asked, match: Match | undefined) {
  const feed = useMemo(() => new RunFeed(runId, { kind, q }), [runId, kind, q])
  // Listening is held by the component, not by the object.
  useEffect(() => feed.start(), [feed])
  // Before anything is painted: the list of another filter is never seen.
  useLayoutEffect(() => feed.log.filter(match), [feed, match])
  const view = useSyncExternalStore(feed.log.subscribe, feed.log.view)
  const state = useSyncExternalStore(feed.subscribe, feed.state)
  return { feed, view, state }
}
