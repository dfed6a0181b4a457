import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { EventType } from '@/api/generated/types.gen'
import { RunFeed } from './feed'

/** What a run says, all of it or of one kind, for as long as somebody looks. */
export function useFeed(runId: string, kind: EventType | undefined) {
  const feed = useMemo(() => new RunFeed(runId, kind), [runId, kind])
  // Listening is held by the component, not by the object.
  useEffect(() => feed.start(), [feed])
  const view = useSyncExternalStore(feed.log.subscribe, feed.log.view)
  const state = useSyncExternalStore(feed.subscribe, feed.state)
  return { feed, view, state }
}
