import { describe, expect, it, vi } from 'vitest'
import type { Frame, RunEvent } from './generated/types.gen'
import { sharing } from './shared-line'
import type { Source } from './stream'

/** Locks as a browser has them, for all tabs together. */
class Locks {
  #held = new Map<string, Promise<unknown>>()
  request = async (
    name: string,
    how: { ifAvailable?: boolean; signal?: AbortSignal },
    got: (lock: unknown) => unknown,
  ) => {
    if (how.ifAvailable && this.#held.has(name)) return got(null)
    while (this.#held.has(name)) {
      await Promise.race([this.#held.get(name), new Promise((done) => how.signal?.addEventListener('abort', done))])
      if (how.signal?.aborted) throw new Error('aborted')
    }
    const held = Promise.resolve(got({ name })).finally(() => this.#held.delete(name))
    this.#held.set(name, held)
    return held
  }
}

function setUp() {
  const locks = new Locks()
  const channels = new Set<{ onmessage: ((event: MessageEvent) => void) | null }>()
  const channel = () => {
    const own = {
      onmessage: null as ((event: MessageEvent) => void) | null,
      postMessage: (data: unknown) => {
        for (const other of channels) if (other !== own) other.onmessage?.({ data } as MessageEvent)
      },
      close: () => void channels.delete(own),
    }
    channels.add(own)
    return own
  }
  const lines: (Source<Frame> & { close: () => void })[] = []
  const direct = (source: Source<Frame>) =>
    new Promise<void>((done) => {
      lines.push({ ...source, close: done })
      source.signal.addEventListener('abort', () => done())
    })
  const events = [4, 5, 6].map((seq) => ({ seq, run_id: 'run_9' }) as RunEvent)
  const read = vi.fn(async (_: string, after: number) => ({
    items: events.filter(({ seq }) => seq > after),
    has_more: false,
  }))
  const tab = (run?: string, after?: number) => {
    const line = new AbortController()
    const heard = vi.fn<(frame?: Frame) => void>()
    const over = sharing(direct, { locks: locks as never, channel, read })({ run, after, signal: line.signal, heard })
    return { heard, close: () => line.abort(), over: over.catch((error: Error) => error.message) }
  }
  return { lines, events, read, tab }
}
const settled = () => new Promise((done) => setTimeout(done))
const changed = (run_id: string): Frame => ({ type: 'run_changed', task_id: 'task_1', run_id, status: 'running' })

describe('lines of many tabs', () => {
  it('are four at most, and whoever has none hears from one, and reads on in its own run', async () => {
    const { lines, events, tab } = setUp()
    for (let i = 0; i < 4; i++) tab(`run_${i}`)
    await settled()
    const fifth = tab('run_9', 3)
    await settled()
    expect(lines.length).toBe(4)
    // It is told at once that somebody is there, and reads what it missed.
    expect(fifth.heard.mock.calls[0]).toEqual([undefined])
    expect(fifth.heard.mock.calls.slice(1).map(([frame]) => frame?.type === 'run_event' && frame.event.seq)).toEqual([
      4, 5, 6,
    ])
    events.push({ seq: 7, run_id: 'run_9' } as RunEvent)
    lines[0]?.heard(changed('run_9'))
    await settled()
    expect(fifth.heard.mock.lastCall).toEqual([{ type: 'run_event', event: { seq: 7, run_id: 'run_9' } }])
  })

  it('pass on what concerns all, once, and keep what is of one run to themselves', async () => {
    const { lines, tab } = setUp()
    for (let i = 0; i < 4; i++) tab()
    await settled()
    const fifth = tab()
    await settled()
    fifth.heard.mockClear()
    for (const line of lines) {
      line.heard(changed('run_1'))
      line.heard({ type: 'run_event', event: { seq: 1 } as RunEvent })
    }
    expect(fifth.heard.mock.calls).toEqual([[changed('run_1')]])
  })

  it('go to the next in line, which goes on where it had come to', async () => {
    const { lines, tab } = setUp()
    const tabs = Array.from({ length: 4 }, () => tab())
    await settled()
    tab('run_9', 3)
    await settled()
    tabs[2]?.close()
    await settled()
    await settled()
    expect(lines.length).toBe(5)
    expect([lines[4]?.run, lines[4]?.after]).toEqual(['run_9', 6])
  })

  it('are lost together with the one that told of them', async () => {
    const { lines, tab } = setUp()
    for (let i = 0; i < 4; i++) tab()
    await settled()
    const fifth = tab()
    await settled()
    lines[0]?.close()
    expect(await Promise.race([fifth.over, settled()])).toBe('the line of another tab is lost')
  })

  it('takes no place for a line that was given up before it had one', async () => {
    const { tab, lines } = setUp()
    const early = tab('run_9')
    early.close()
    expect(await early.over).toMatch(/abort/)
    expect(lines.length).toBe(0)
    for (let i = 0; i < 4; i++) tab()
    await settled()
    expect(lines.length).toBe(4)
    const late = tab('run_9')
    late.close()
    expect(await late.over).toMatch(/abort/)
    expect(lines.length).toBe(4)
  })
})
