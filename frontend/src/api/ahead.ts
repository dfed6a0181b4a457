/** What somebody has just asked for is shown before the server has answered, and taken back when it says no. */

import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import type { Run, Task } from './generated/types.gen'

/** A change of one task or run; nothing when it leaves the list. */
type Change<T> = (one: T) => T | undefined

type Cached<T> = T | { items: T[] } | InfiniteData<{ items: T[] }> | undefined

const operation = (key: readonly unknown[]) => (key[0] as { _id?: string } | undefined)?._id ?? ''

function through<T extends object>(data: Cached<T>, change: Change<T>): Cached<T> {
  if (!data) return data
  const all = (items: T[]) => items.flatMap((one) => change(one) ?? [])
  if ('pages' in data)
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: all(page.items) })) } as Cached<T>
  if ('items' in data) return { ...data, items: all(data.items) }
  // What is shown by itself stays, whatever list it leaves.
  return change(data) ?? data
}

async function show<T extends object>(cache: QueryClient, operations: readonly string[], change: Change<T>) {
  const filter = {
    predicate: ({ queryKey }: { queryKey: readonly unknown[] }) => operations.includes(operation(queryKey)),
  }
  // An answer that is on its way knows nothing of this yet.
  await cache.cancelQueries(filter)
  const before = cache.getQueriesData<Cached<T>>(filter)
  cache.setQueriesData<Cached<T>>(filter, (data: Cached<T>) => through<T>(data, change))
  return () => {
    for (const [key, data] of before) cache.setQueryData(key, data)
  }
}

/** Shows tasks otherwise wherever they are shown; answers with the way back. */
export const showTasks = (cache: QueryClient, change: Change<Task>): Promise<() => void> =>
  show<Task>(cache, ['listTasks', 'getTask'], change)

/** Shows runs otherwise wherever they are shown; answers with the way back. */
export const showRuns = (cache: QueryClient, change: Change<Run>): Promise<() => void> =>
  show<Run>(cache, ['listRuns', 'listTaskRuns', 'getRun', 'listApprovals'], change)
