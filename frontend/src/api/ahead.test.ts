import { QueryClient } from '@tanstack/react-query'
import { describe, expect, it } from 'vitest'
import { showRuns, showTasks } from './ahead'
import { getTaskQueryKey, listTaskRunsQueryKey, listTasksQueryKey } from './generated/@tanstack/react-query.gen'

const task = (id: string, status = 'running') => ({ id, status })
const page = [{ ...listTasksQueryKey({ query: { limit: 50 } })[0], pages: true }]
const one = getTaskQueryKey({ path: { id: 'task_1' } })

function filled() {
  const cache = new QueryClient()
  cache.setQueryData(page, { pages: [{ items: [task('task_1'), task('task_2')] }, { items: [task('task_3')] }] })
  cache.setQueryData(listTasksQueryKey(), { items: [task('task_2')] })
  cache.setQueryData(one, task('task_1'))
  cache.setQueryData(listTaskRunsQueryKey({ path: { id: 'task_1' } }), { items: [task('task_1')] })
  return cache
}
const idsIn = (cache: QueryClient) =>
  cache
    .getQueryData<{ pages: { items: { id: string }[] }[] }>(page)
    ?.pages.map(({ items }) => items.map(({ id }) => id))

describe('what was just asked for', () => {
  it('is shown in every list, and what leaves a list is still there by itself', async () => {
    const cache = filled()
    await showTasks(cache, (one) => (one.id === 'task_3' ? one : undefined))
    expect(idsIn(cache)).toEqual([[], ['task_3']])
    expect(cache.getQueryData(listTasksQueryKey())).toEqual({ items: [] })
    expect(cache.getQueryData(one)).toEqual(task('task_1'))
    // Runs are none of its concern.
    expect(cache.getQueryData(listTaskRunsQueryKey({ path: { id: 'task_1' } }))).toEqual({ items: [task('task_1')] })
  })

  it('is taken back as it was', async () => {
    const cache = filled()
    const back = await showTasks(cache, (one) => ({ ...one, status: 'canceled' }))
    expect(cache.getQueryData(one)).toEqual(task('task_1', 'canceled'))
    back()
    expect(cache.getQueryData(one)).toEqual(task('task_1'))
    expect(idsIn(cache)).toEqual([['task_1', 'task_2'], ['task_3']])
  })

  it('of runs is shown where runs are', async () => {
    const cache = filled()
    await showRuns(cache, (run) => ({ ...run, status: 'canceled' }))
    expect(cache.getQueryData(listTaskRunsQueryKey({ path: { id: 'task_1' } }))).toEqual({
      items: [task('task_1', 'canceled')],
    })
    expect(cache.getQueryData(one)).toEqual(task('task_1'))
  })
})
