import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { itemsOf } from '@/api/pages'
import type { ApiError } from '@/api/problem'
import { ProblemCard } from '@/components/problem-card'
import { SkeletonRows } from '@/components/ui/skeleton'
import { LoadMore } from './load-more'

interface ListedProps<Item> {
  query: UseInfiniteQueryResult<InfiniteData<{ items: Item[] }>, ApiError>
  /** What is in it, as it is loaded: `runs`. */
  of: string
  /** What stands there when there is none. */
  empty: ReactNode
  children: (items: Item[], stale: boolean) => ReactNode
}

/** A list in pages, in all its states: it comes, it fails, it is empty, it goes on. */
export function Listed<Item>({ query, of, empty, children }: ListedProps<Item>) {
  const items = itemsOf(query.data)
  if (query.isLoadingError) return <ProblemCard error={query.error} retry={() => void query.refetch()} />
  if (!items) return <SkeletonRows label={`Loading ${of}`} />
  return (
    <>
      {items.length === 0 ? empty : children(items, query.isPlaceholderData)}
      <LoadMore more={query.hasNextPage} busy={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />
    </>
  )
}
