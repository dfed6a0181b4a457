import { type Query, type QueryClient, useQueryClient } from '@tanstack/react-query'
import { CloudAlert } from 'lucide-react'
import { useCallback, useSyncExternalStore } from 'react'
import type { ApiError } from '@/api/problem'
import { timeOfDay } from '@/lib/dates'
import { Button } from '../ui/button'
import { useConnectionLost } from './connection'

/** What is on the screen and could not be read again; what was read before stays there. */
const old = {
  type: 'active',
  predicate: ({ state }: { state: Query['state'] }) => state.status === 'error' && state.data !== undefined,
} as const

/** In a word, so that nothing is drawn anew while nothing changes. */
const summary = (cache: QueryClient): string => {
  const found = cache.getQueryCache().findAll(old)
  if (found.length === 0) return ''
  const oldest = Math.min(...found.map(({ state }) => state.dataUpdatedAt))
  return `${oldest} ${(found[0]?.state.error as ApiError | null)?.problem.title ?? ''}`
}

/** Says that what is shown is old, as reading it again failed. It is shown all the same: it was right a moment ago. */
export function StaleBanner() {
  const cache = useQueryClient()
  const subscribe = useCallback((told: () => void) => cache.getQueryCache().subscribe(told), [cache])
  const found = useSyncExternalStore(subscribe, () => summary(cache))
  // That says the same, and why.
  const lost = useConnectionLost()
  const [since, ...words] = found.split(' ')
  return (
    <div role="status">
      {found !== '' && !lost && (
        <div className="flex flex-wrap items-center gap-2 border-b border-line bg-wait-tint px-4 py-1.5 text-sm text-wait lg:px-6">
          <CloudAlert className="size-4" aria-hidden />
          <span className="flex-1">
            Some of this is from {timeOfDay(new Date(Number(since)).toISOString())}: reading it again failed (
            {words.join(' ') || 'no answer'}).
          </span>
          <Button size="sm" onClick={() => void cache.refetchQueries(old)}>
            Try again
          </Button>
        </div>
      )}
    </div>
  )
}
