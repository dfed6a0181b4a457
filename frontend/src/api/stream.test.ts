import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Connect, LiveStream, Refused, type Source } from './stream'

class Page extends EventTarget {
  hidden = false
  show(visible: boolean) {
    this.hidden = !visible
    this.dispatchEvent(new Event('visibilitychange'))
  }
}

function setUp() {
  const lines: (Source<string> & { close: (error?: unknown) => void })[] = []
  const connect: Connect<string> = (source) =>
    new Promise((done, failed) => {
      source.signal.addEventListener('abort', () => failed(new Error('aborted')))
      lines.push({ ...source, close: (error) => (error ? failed(error) : done()) })
    })
  const page = new Page()
  const stream = new LiveStream<string>(connect, page as never, () => 1)
  const line = () => {
    const newest = lines.at(-1)
    if (!newest) throw new Error('nothing was connected')
    return newest
  }
  return { lines, line, page, stream }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the live connection', () => {
  it('is one for all who watch, and goes when nobody does', async () => {
    const { lines, line, stream } = setUp()
    const heard: string[] = []
    const stop = [
      stream.watch(['run:1'], (data) => heard.push(`a${data}`)),
      stream.watch(['tasks', 'run:1'], (data) => heard.push(`b${data}`)),
    ]
    await vi.advanceTimersByTimeAsync(50)
    expect(lines.map(({ topics }) => topics)).toEqual([['run:1', 'tasks']])
    line().heard({ id: '1', data: 'x' })
    expect(heard).toEqual(['ax', 'bx'])
    expect(stream.state).toBe('live')
    for (const one of stop) one()
    await vi.advanceTimersByTimeAsync(50)
    expect(stream.state).toBe('off')
    expect(line().signal.aborted).toBe(true)
  })

  it('goes on after the last frame it heard, waiting longer each time and from the start after a success', async () => {
    const { lines, line, stream } = setUp()
    stream.watch(['run:1'], () => {})
    await vi.advanceTimersByTimeAsync(50)
    line().heard({ id: '7', data: 'x' })
    line().close()
    await vi.advanceTimersByTimeAsync(499)
    expect(lines.length).toBe(1)
    expect(stream.state).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1)
    expect(lines.length).toBe(2)
    expect(line().after).toBe('7')
    line().close(new Error('down'))
    await vi.advanceTimersByTimeAsync(999)
    expect(lines.length).toBe(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(lines.length).toBe(3)
    line().heard({})
    line().close()
    await vi.advanceTimersByTimeAsync(500)
    expect(lines.length).toBe(4)
  })

  it('is not held by a hidden tab, and catches up when it is shown', async () => {
    const { lines, line, page, stream } = setUp()
    stream.watch(['run:1'], () => {})
    await vi.advanceTimersByTimeAsync(50)
    line().heard({ id: '64', data: 'x' })
    page.show(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(line().signal.aborted).toBe(true)
    expect(stream.state).toBe('off')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lines.length).toBe(1)
    page.show(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(lines.length).toBe(2)
    expect(line().after).toBe('64')
  })

  it('takes silence for a dead line', async () => {
    const { lines, line, stream } = setUp()
    stream.watch(['run:1'], () => {})
    await vi.advanceTimersByTimeAsync(50)
    line().heard({ data: 'x' })
    await vi.advanceTimersByTimeAsync(44_000)
    line().heard({})
    await vi.advanceTimersByTimeAsync(44_000)
    expect(lines.length).toBe(1)
    await vi.advanceTimersByTimeAsync(2000)
    expect(lines.length).toBe(2)
  })

  it('does not insist where it is refused', async () => {
    const { lines, line, stream } = setUp()
    stream.watch(['run:1'], () => {})
    await vi.advanceTimersByTimeAsync(50)
    line().close(new Refused())
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lines.length).toBe(1)
    expect(stream.state).toBe('refused')
  })
})
