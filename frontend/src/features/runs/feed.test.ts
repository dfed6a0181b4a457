import { describe, expect, it, vi } from 'vitest'
import type { EventType, Frame, RunEvent } from '@/api/generated/types.gen'
import type { Watcher } from '@/api/stream'
import { RunFeed } from './feed'

const event = (seq: number, more: Partial<RunEvent> = {}) => ({ seq, type: 'other', ...more }) as RunEvent

/** A run of so many events, ten a page, and a line that the test speaks on. */
function setUp(many: number, kind?: EventType) {
  const read = vi.fn(async (_: string, before: number, __?: EventType) => {
    const end = Math.min(before - 1, many)
    const begin = Math.max(0, end - 10)
    return { items: Array.from({ length: end - begin }, (_, i) => event(begin + i + 1)), has_more: begin > 0 }
  })
  let watcher: Watcher<Frame> | undefined
  const stream = {
    watch: (one: Watcher<Frame>) => {
      watcher = one
      return () => {}
    },
  }
  const feed = new RunFeed('run_1', kind, stream, read)
  return { feed, read, tell: (frame: Frame) => watcher?.listener(frame), watched: () => watcher?.run?.last() }
}

describe('what a run says', () => {
  it('begins with the newest page, and is heard from there on', async () => {
    const { feed, read, watched } = setUp(95)
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(95))
    expect([read.mock.calls.length, feed.log.first, feed.state().older]).toEqual([1, 86, true])
  })

  it('is read back to what a link names, and no further', async () => {
    const { feed, read, watched } = setUp(95)
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(95))
    await feed.reach(40)
    expect([feed.log.first, read.mock.calls.length]).toEqual([36, 6])
  })

  it('shows what a model is saying until that is an event', async () => {
    const { feed, tell, watched } = setUp(3)
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(3))
    const words = { type: 'words', agent: 'coder', turn: 2, manner: 'says', text: 'First I' } as const
    tell(words)
    expect(feed.state().words).toBe(words)
    tell({ type: 'run_event', event: event(4, { type: 'tool_call', phase: 'finished' }) })
    expect(feed.state().words).toBe(words)
    tell({ type: 'run_event', event: event(5, { type: 'model_call', phase: 'finished' }) })
    expect(feed.state().words).toBeUndefined()
  })

  it('is asked for one kind alone, and goes on where it was heard and not where the list ends', async () => {
    const { feed, read, tell, watched } = setUp(20, 'other')
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(20))
    await feed.loadOlder()
    expect(read.mock.calls.map(([, , kind]) => kind)).toEqual(['other', 'other'])
    tell({ type: 'run_event', event: event(21, { type: 'tool_call' }) })
    expect([feed.log.last, watched()]).toEqual([20, 21])
    tell({ type: 'run_event', event: event(22) })
    expect([feed.log.last, watched()]).toEqual([22, 22])
  })
})
