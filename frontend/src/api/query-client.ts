import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import type { ApiError } from './problem'

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: ApiError
  }
}

/** Server state, and nothing else. What the stream tells of is refetched when it does, so nothing is polled. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache(),
    mutationCache: new MutationCache(),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        retry: (failures, error) => failures < 2 && error.retriable,
        retryDelay: (failures, error) => (error.retryAfter ?? 0) * 1000 || Math.min(500 * 2 ** failures, 5000),
      },
      mutations: { retry: false },
    },
  })
}

export const queryClient = newQueryClient()
