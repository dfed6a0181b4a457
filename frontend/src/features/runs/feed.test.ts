import { describe, expect, it, vi } from 'vitest'
import type { Frame, RunEvent } from '@/api/generated/types.gen'
import type { Watcher } from '@/api/stream'
import { type Asked, RunFeed } from './feed'

const event = (seq: number, more: Partial<RunEvent> = {}) => ({ seq, type: 'other', name: 'log', ...more }) as RunEvent

/** A run of so many events, ten a page, and a line that the test speaks on. */
function setUp(many: number, asked: Asked = {}, most?: number) {
  const all = { many }
  const read = vi.fn(async (_: string, place: { before: number } | { after: number }, __: Asked) => {
    const [begin, end] =
      'after' in place
        ? [place.after, Math.min(place.after + 10, all.many)]
        : [Math.max(0, Math.min(place.before - 1, all.many) - 10), Math.min(place.before - 1, all.many)]
    const items = Array.from({ length: end - begin }, (_, i) => event(begin + i + 1))
    return { items, has_more: 'after' in place ? end < all.many : begin > 0 }
  })
  let watcher: Watcher<Frame> | undefined
  const stream = {
    watch: (one: Watcher<Frame>) => {
      watcher = one
      return () => {}
    },
  }
  const feed = new RunFeed('run_1', asked, stream, read, most)
  return { all, feed, read, tell: (frame: Frame) => watcher?.listener(frame), watched: () => watcher?.run?.last() }
}

describe('what a run says', () => {
  it('begins with the newest page, and is heard from there on', async () => {
    const { feed, read, watched } = setUp(95)
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(95))
    expect([read.mock.calls.length, feed.log.first, feed.state().older]).toEqual([1, 86, true])
  })

  it('may be begun twice at once', async () => {
    const { feed, tell, watched } = setUp(95)
    feed.start()()
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(95))
    tell({ type: 'run_event', event: event(96) })
    await vi.waitFor(() => expect(feed.log.last).toBe(96))
    expect(feed.state().error).toBeUndefined()
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
    const { feed, read, tell, watched } = setUp(20, { kind: 'other' })
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(20))
    await feed.loadOlder()
    expect(read.mock.calls.map(([, , asked]) => asked)).toEqual([{ kind: 'other' }, { kind: 'other' }])
    tell({ type: 'run_event', event: event(21, { type: 'tool_call' }) })
    expect([feed.log.last, watched()]).toEqual([20, 21])
    tell({ type: 'run_event', event: event(22) })
    expect([feed.log.last, watched()]).toEqual([22, 22])
  })

  it('is asked for by its words, and takes from the line only what has them', async () => {
    const { feed, read, tell, watched } = setUp(20, { q: 'prices' })
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(20))
    expect(read.mock.lastCall?.[2]).toEqual({ q: 'prices' })
    tell({ type: 'run_event', event: event(21, { title: 'Reads names.py' }) })
    expect([feed.log.last, watched()]).toEqual([20, 21])
    tell({ type: 'run_event', event: event(22, { title: 'Reads Prices.py' }) })
    expect([feed.log.last, watched()]).toEqual([22, 22])
  })

  it('keeps what is here when a page before it cannot be read, and asks for that again', async () => {
    const { feed, read, watched } = setUp(95)
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(95))
    read.mockRejectedValueOnce(new TypeError('no network'))
    await feed.loadOlder()
    expect([feed.state().error, feed.state().olderError?.status, feed.log.first]).toEqual([undefined, 0, 86])
    await feed.loadOlder()
    expect([feed.state().olderError, feed.log.first]).toEqual([undefined, 76])
  })

  it('looks back so far for a filter, and stops when it is told to', async () => {
    const { feed, read, watched } = setUp(1000)
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(1000))
    await feed.lookBack(3)
    expect([read.mock.calls.length, feed.state().lookingBack, feed.state().older]).toEqual([4, false, true])
    const looking = feed.lookBack(50)
    feed.stopLooking()
    await looking
    expect(read.mock.calls.length).toBe(5)
  })

  it('knows that there is more before the first once the beginning was let go of', async () => {
    const { feed, tell, watched } = setUp(8, {}, 10)
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(8))
    expect(feed.state().older).toBe(false)
    for (let seq = 9; seq < 15; seq++) tell({ type: 'run_event', event: event(seq) })
    await vi.waitFor(() => expect(feed.log.first).toBe(6))
    expect(feed.state().older).toBe(true)
    await feed.loadOlder()
    expect(feed.log.first).toBe(1)
  })

  it('lets go of the end when somebody reads far back, and comes back to it without a hole', async () => {
    const { all, feed, tell, watched } = setUp(95, {}, 25)
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(95))
    for (let i = 0; i < 2; i++) await feed.loadOlder()
    await vi.waitFor(() => expect(feed.state().newer).toBe(true))
    expect([feed.log.first, feed.log.last]).toEqual([66, 87])
    all.many = 96
    tell({ type: 'run_event', event: event(96) })
    expect(feed.log.last).toBe(87)
    while (feed.state().newer) {
      feed.loadNewer()
      await new Promise((done) => setTimeout(done))
    }
    await vi.waitFor(() => expect(feed.log.view().shown.at(-1)?.seq).toBe(96))
    const seqs = feed.log.view().shown.map(({ seq }) => seq)
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => 97 - seqs.length + i))
  })

  it('goes to the newest past everything in between, and misses nothing that is said meanwhile', async () => {
    const { feed, tell, watched } = setUp(95, {}, 25)
    feed.start()
    await vi.waitFor(() => expect(watched()).toBe(95))
    for (let i = 0; i < 2; i++) await feed.loadOlder()
    await vi.waitFor(() => expect(feed.state().newer).toBe(true))
    const going = feed.toEnd()
    tell({ type: 'run_event', event: event(96) })
    await going
    expect([feed.log.first, feed.log.last, feed.state().older]).toEqual([86, 96, true])
  })
})
