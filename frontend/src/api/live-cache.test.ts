import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  getRunQueryKey,
  getTaskQueryKey,
  getTranscriptQueryKey,
  listApprovalsQueryKey,
  listNotificationsQueryKey,
  listStepsQueryKey,
  listTaskRunsQueryKey,
  listTasksQueryKey,
} from './generated/@tanstack/react-query.gen'
import type { RunPage } from './generated/types.gen'
import { cacheKeeper, caughtUp } from './live-cache'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  const cache = new QueryClient()
  const of = (id: string) => ({ path: { id } })
  const keys = {
    approvals: listApprovalsQueryKey(),
    task: getTaskQueryKey(of('task_1')),
    runs: listTaskRunsQueryKey(of('task_1')),
    steps: listStepsQueryKey(of('run_1')),
    otherSteps: listStepsQueryKey(of('run_2')),
  }
  cache.setQueryData(keys.approvals, { items: [] })
  cache.setQueryData(keys.task, { id: 'task_1', latest_run: { id: 'run_1' } } as never)
  cache.setQueryData(keys.runs, { items: [{ id: 'run_1', status: 'planning' }] } as never)
  cache.setQueryData(keys.steps, { items: [] })
  cache.setQueryData(keys.otherSteps, { items: [] })
  const stale = () =>
    Object.entries(keys)
      .filter(([, key]) => cache.getQueryState(key)?.isInvalidated)
      .map(([name]) => name)
  const moved = { type: 'run_changed', run_id: 'run_1', task_id: 'task_1', status: 'running' } as const
  return { cache, keys, stale, hear: cacheKeeper(cache), moved }
}

describe('a line that was away', () => {
  it('has everything read anew that only it tells of', () => {
    const { cache, stale } = setUp()
    caughtUp(cache, true)
    expect(stale()).toEqual(['approvals'])
    caughtUp(cache, false)
    expect(stale()).toEqual(['approvals', 'task', 'runs', 'steps', 'otherSteps'])
  })
})

describe('what the stream tells', () => {
  it('is shown before it is asked for, and lists are read anew', async () => {
    const { cache, keys, stale, hear, moved } = setUp()
    hear(moved)
    expect(cache.getQueryData<RunPage>(keys.runs)?.items[0]?.status).toBe('running')
    await vi.advanceTimersByTimeAsync(500)
    expect(stale()).toEqual(['approvals', 'task', 'runs', 'steps'])
  })

  it('concerns the other runs of the task: one that makes attempts tells of each of them', async () => {
    const { cache, hear, moved } = setUp()
    const [whole, other] = ['run_0', 'run_9'].map((id) => getRunQueryKey({ path: { id } }))
    cache.setQueryData(whole as never, { id: 'run_0', task: { id: 'task_1' } } as never)
    cache.setQueryData(other as never, { id: 'run_9', task: { id: 'task_2' } } as never)
    hear(moved)
    await vi.advanceTimersByTimeAsync(500)
    expect([whole, other].map((key) => cache.getQueryState(key as never)?.isInvalidated)).toEqual([true, false])
  })

  it('does not make every list be read for every act of a run', async () => {
    const { cache, keys, stale, hear, moved } = setUp()
    hear(moved)
    await vi.advanceTimersByTimeAsync(500)
    cache.setQueryData(keys.approvals, { items: [] })
    for (const key of [keys.task, keys.runs, keys.steps])
      cache.setQueryData(key, (data: never) => ({ ...(data as object) }) as never)
    expect(stale()).toEqual([])
    for (let i = 0; i < 20; i++) hear(moved)
    await vi.advanceTimersByTimeAsync(500)
    expect(stale()).toEqual([])
    await vi.advanceTimersByTimeAsync(2000)
    expect(stale()).toEqual(['task', 'runs', 'steps'])
  })

  it('has lists say who is at work a few times a minute, while somebody is', async () => {
    const { cache, hear, moved } = setUp()
    hear(moved)
    await vi.advanceTimersByTimeAsync(500)
    const key = listTasksQueryKey()
    cache.setQueryData(key, { items: [] })
    for (let i = 0; i < 5; i++) hear(moved)
    await vi.advanceTimersByTimeAsync(5000)
    expect(cache.getQueryState(key)?.isInvalidated).toBe(false)
    await vi.advanceTimersByTimeAsync(6000)
    expect(cache.getQueryState(key)?.isInvalidated).toBe(true)
  })

  it('is read of an agent while it speaks, and not for what other runs do', async () => {
    const { cache, hear, moved } = setUp()
    const key = getTranscriptQueryKey({ path: { id: 'agent_1' } })
    const stale = () => cache.getQueryState(key)?.isInvalidated
    cache.setQueryData(key, { items: [] })
    hear({ ...moved, run_id: 'run_9', task_id: 'task_9' })
    await vi.advanceTimersByTimeAsync(500)
    cache.setQueryData(key, { items: [] })
    hear({ ...moved, run_id: 'run_9', task_id: 'task_9' })
    await vi.advanceTimersByTimeAsync(3000)
    expect(stale()).toBe(false)
    hear({ type: 'run_event', event: { type: 'model_call', run_id: 'run_1' } as never })
    await vi.advanceTimersByTimeAsync(3000)
    expect(stale()).toBe(true)
  })

  it('counts what one is told at once', () => {
    const { cache, hear } = setUp()
    const key = listNotificationsQueryKey({ query: { limit: 20 } })
    cache.setQueryData(key, { items: [], unread: 0 })
    const notification = { id: 'note_1', kind: 'plan', run_id: 'run_1' } as never
    hear({ type: 'notification', notification })
    hear({ type: 'notification', notification })
    expect(cache.getQueryData(key)).toEqual({ items: [notification], unread: 1 })
    expect(cache.getQueryState(key)?.isInvalidated).toBe(true)
  })
})
