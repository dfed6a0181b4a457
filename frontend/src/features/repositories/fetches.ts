import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { create } from 'zustand'
import type { Repository } from '@/api/generated/types.gen'
import { toast } from '@/stores/toasts'
import { askAgain, type GoesOn, goesOnStill, isBeingFetched } from './awaited'

/** The fetches of this page that go on, by repository. */
const useFetches = create<{ fetches: Record<string, GoesOn> }>()(() => ({ fetches: {} }))

/** One was asked for, and the server has answered before its end. */
export const goesOn = ({ id, synced_at }: Repository): void =>
  useFetches.setState(({ fetches }) => ({
    fetches: { ...fetches, [id]: { before: synced_at, since: Date.now() } },
  }))

const drop = (id: string) => useFetches.setState(({ fetches: { [id]: _, ...others } }) => ({ fetches: others }))

/** When to ask again for what is shown. */
export const askAgainFor = (shown: readonly Repository[] | undefined): number | false =>
  askAgain(shown, useFetches.getState().fetches)

/** Whether a repository is being fetched now, for the first time or again. */
export const useBeingFetched = (repository: Repository): boolean => {
  const fetch = useFetches(({ fetches }) => fetches[repository.id])
  return goesOnStill(repository, fetch, Date.now()) || isBeingFetched(repository)
}

/** What came of a fetch; that it failed is an answer as well. */
export function tellOf({ name, sync_error }: Repository): void {
  if (sync_error) toast(`${name} could not be fetched`, { kind: 'bad', detail: sync_error })
  else toast(`${name} is up to date`, { kind: 'ok' })
}

/** Tells of fetches that have ended, and has everything read anew that came with them. */
export function useEndsOfFetches(shown: readonly Repository[]): void {
  const cache = useQueryClient()
  const fetches = useFetches((state) => state.fetches)
  useEffect(() => {
    for (const repository of shown) {
      const fetch = fetches[repository.id]
      if (!fetch || goesOnStill(repository, fetch, Date.now())) continue
      drop(repository.id)
      if (repository.synced_at === fetch.before) continue
      tellOf(repository)
      void cache.invalidateQueries()
    }
  }, [shown, fetches, cache])
}
