import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { RunFeed } from './feed'

/** What a run says, for as long as somebody looks. */
export function useFeed(runId: string) {
  const feed = useMemo(() => new RunFeed(runId), [runId])
  // Listening is held by the component, not by the object.
  useEffect(() => feed.start(), [feed])
  const view = useSyncExternalStore(feed.log.subscribe, feed.log.view)
  const state = useSyncExternalStore(feed.subscribe, feed.state)
  return { feed, view, state }
}
