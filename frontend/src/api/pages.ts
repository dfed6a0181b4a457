import { type InfiniteData, infiniteQueryOptions } from '@tanstack/react-query'
import type { ApiError } from './problem'

interface Page {
  next_cursor?: string
}

/** A list that is read page by page. `key` is the generated key of the same operation without a cursor. */
export const pagesOptions = <P extends Page>(
  key: readonly [object],
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<{ data: P }>,
) =>
  infiniteQueryOptions<P, ApiError, InfiniteData<P, string | undefined>, readonly [object], string | undefined>({
    queryKey: [{ ...key[0], pages: true }],
    queryFn: async ({ pageParam, signal }) => (await read(pageParam, signal)).data,
    initialPageParam: undefined,
    getNextPageParam: (page) => page.next_cursor,
  })

/** All items that were read so far. */
export const itemsOf = <T>(data: InfiniteData<{ items: T[] }, unknown> | undefined): T[] | undefined =>
  data?.pages.flatMap((page) => page.items)
