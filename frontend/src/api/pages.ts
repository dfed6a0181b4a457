import { type InfiniteData, infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
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

/** A list that is read to its end, for those who show or count all of it. `key` is the generated key of the same
 *  operation without a query. */
export const wholeOptions = <T>(
  key: readonly [object],
  read: (
    query: { limit: number; cursor: string | undefined },
    signal: AbortSignal,
  ) => Promise<{ data: { items: T[]; next_cursor?: string } }>,
) =>
  queryOptions<{ items: T[] }, ApiError, { items: T[] }, readonly [object]>({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const items: T[] = []
      let cursor: string | undefined
      do {
        const { data } = await read({ limit: 200, cursor }, signal)
        items.push(...data.items)
        cursor = data.next_cursor
      } while (cursor)
      return { items }
    },
  })

/** All items that were read so far. */
export const itemsOf = <T>(data: InfiniteData<{ items: T[] }, unknown> | undefined): T[] | undefined =>
  data?.pages.flatMap((page) => page.items)
