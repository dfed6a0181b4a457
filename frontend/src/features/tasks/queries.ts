import { listTasksQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listTasks } from '@/api/generated/sdk.gen'
import type { Status, Task, TaskSort } from '@/api/generated/types.gen'
import { pagesOptions } from '@/api/pages'
import type { TasksSearch } from '@/lib/searches'

/** The list that the address asks for. */
export function tasksQuery(search: TasksSearch, me: string) {
  const query = {
    status: search.status,
    repository_id: search.repository,
    q: search.q,
    created_by: search.mine ? me : search.by,
    archived: search.archived,
    sort: search.sort,
    limit: 50,
  }
  return pagesOptions(listTasksQueryKey({ query }), (cursor, signal) =>
    listTasks({ query: { ...query, cursor }, signal }),
  )
}

/** Columns of the board, left to right: what a task goes through. */
export const columns: { name: string; statuses: Status[] }[] = [
  { name: 'Queued', statuses: ['new', 'waiting_for_tasks', 'queued', 'paused'] },
  { name: 'At work', statuses: ['planning', 'running'] },
  {
    name: 'Waits for a person',
    statuses: ['awaiting_plan', 'awaiting_answer', 'awaiting_budget', 'awaiting_delivery', 'needs_human'],
  },
  { name: 'Done', statuses: ['succeeded'] },
  { name: 'Stopped', statuses: ['failed', 'rejected', 'canceled'] },
]

export const columnOf = ({ status }: Task): string =>
  columns.find(({ statuses }) => statuses.includes(status))?.name ?? ''

/** Orders other than the usual one. */
export const orders: readonly (readonly [TaskSort, string])[] = [
  ['created', 'Oldest first'],
  ['-updated', 'Changed last first'],
  ['updated', 'Changed last at the end'],
]

/** Questions that are asked often, as filters. */
export const presets: { name: string; search: TasksSearch }[] = [
  { name: 'All', search: {} },
  { name: 'Mine', search: { mine: true } },
  {
    name: 'Waits for a person',
    search: { status: ['awaiting_plan', 'awaiting_answer', 'awaiting_budget', 'awaiting_delivery'] },
  },
  { name: 'At work', search: { status: ['queued', 'planning', 'running'] } },
  { name: 'Failed', search: { status: ['failed', 'needs_human'] } },
]

/** What the filters of an address leave out; the view, the order and the dialog are no filters. */
export const filtersOf = ({ status, repository, q, mine, by, archived }: TasksSearch): TasksSearch => ({
  status,
  repository,
  q,
  mine,
  by,
  archived,
})

export const isFiltered = (search: TasksSearch): boolean =>
  Object.values(filtersOf(search)).some((value) => value !== undefined)
