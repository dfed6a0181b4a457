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
describe('a gap in the line', () => {
  const follow = (stream: ReturnType<typeof setUp>['stream'], id: string) =>
    stream.watch({ listener: () => {}, run: { id, last: () => 0 } })

  it('is told of after an outage and after a hidden tab, and not at the first connection', async () => {
    const { line, page, stream } = setUp()
    const onGap = vi.fn()
    stream.watch({ listener: () => {}, onGap })
    await vi.advanceTimersByTimeAsync(50)
    line().heard()
    line().heard('x')
    expect(onGap).not.toHaveBeenCalled()
    line().close(new Error('gone'))
    await vi.advanceTimersByTimeAsync(600)
    line().heard()
    expect(onGap.mock.calls).toEqual([[false]])
    page.show(false)
    await vi.advanceTimersByTimeAsync(10)
    page.show(true)
    await vi.advanceTimersByTimeAsync(10)
    line().heard()
    expect(onGap.mock.calls).toEqual([[false], [false]])
  })

  it('is a short one when only the run that is followed is another', async () => {
    const { line, stream } = setUp()
    const onGap = vi.fn()
    stream.watch({ listener: () => {}, onGap })
    await vi.advanceTimersByTimeAsync(50)
    line().heard()
    follow(stream, 'run_1')
    await vi.advanceTimersByTimeAsync(50)
    line().heard()
    expect(onGap.mock.calls).toEqual([[true]])
  })
})

const nobody = { listener: () => {} }

describe('the live connection', () => {
  it('is one for all who watch, and goes when nobody does', async () => {
    const { lines, line, stream } = setUp()
    const heard: string[] = []
    const stop = [
      stream.watch({ listener: (data) => heard.push(`a${data}`) }),
      stream.watch({ listener: (data) => heard.push(`b${data}`), run: { id: 'run_1', last: () => 4 } }),
    ]
    await vi.advanceTimersByTimeAsync(50)
    expect(lines.map(({ run, after }) => [run, after])).toEqual([['run_1', 4]])
    line().heard('x')
    expect(heard).toEqual(['ax', 'bx'])
    expect(stream.state).toBe('live')
    for (const one of stop) one()
    await vi.advanceTimersByTimeAsync(50)
    expect(stream.state).toBe('off')
    expect(line().signal.aborted).toBe(true)
  })

  it('does not tell of one run to whoever follows another', async () => {
    const { line, stream } = setUp()
    const heard: string[] = []
    const stop = stream.watch({ listener: (data) => heard.push(`1${data}`), run: { id: 'run_1', last: () => 0 } })
    await vi.advanceTimersByTimeAsync(50)
    const first = line()
    stop()
    stream.watch({ listener: (data) => heard.push(`2${data}`), run: { id: 'run_2', last: () => 9 } })
    first.heard('x')
    expect(heard).toEqual([])
    await vi.advanceTimersByTimeAsync(50)
    expect(first.signal.aborted).toBe(true)
    expect([line().run, line().after]).toEqual(['run_2', 9])
    line().heard('y')
    expect(heard).toEqual(['2y'])
  })

  it('goes on where the list ends, waiting longer each time and from the start after a success', async () => {
    const { lines, line, stream } = setUp()
    let last = 0
    stream.watch({ listener: () => {}, run: { id: 'run_1', last: () => last } })
    await vi.advanceTimersByTimeAsync(50)
    line().heard('x')
    last = 7
    line().close()
    await vi.advanceTimersByTimeAsync(499)
    expect(lines.length).toBe(1)
    expect(stream.state).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1)
    expect(lines.length).toBe(2)
    expect(line().after).toBe(7)
    line().close(new Error('down'))
    await vi.advanceTimersByTimeAsync(999)
    expect(lines.length).toBe(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(lines.length).toBe(3)
    line().heard()
    line().close()
    await vi.advanceTimersByTimeAsync(500)
    expect(lines.length).toBe(4)
  })

  it('is not held by a hidden tab, and catches up when it is shown', async () => {
    const { lines, line, page, stream } = setUp()
    stream.watch({ listener: () => {}, run: { id: 'run_1', last: () => 64 } })
    await vi.advanceTimersByTimeAsync(50)
    line().heard('x')
    page.show(false)
    await vi.advanceTimersByTimeAsync(0)
    expect(line().signal.aborted).toBe(true)
    expect(stream.state).toBe('off')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lines.length).toBe(1)
    page.show(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(lines.length).toBe(2)
    expect(line().after).toBe(64)
  })

  it('is held by a hidden tab as long as somebody has asked for that', async () => {
    const { lines, line, page, stream } = setUp()
    stream.watch(nobody)
    const rest = stream.stayAwake()
    await vi.advanceTimersByTimeAsync(50)
    page.show(false)
    await vi.advanceTimersByTimeAsync(10)
    line().close(new Error('gone'))
    await vi.advanceTimersByTimeAsync(1000)
    expect(lines.length).toBe(2)
    expect(line().signal.aborted).toBe(false)
    rest()
    await vi.advanceTimersByTimeAsync(0)
    expect(line().signal.aborted).toBe(true)
    expect(stream.state).toBe('off')
  })

  it('takes silence for a dead line', async () => {
    const { lines, line, stream } = setUp()
    stream.watch(nobody)
    await vi.advanceTimersByTimeAsync(50)
    line().heard('x')
    await vi.advanceTimersByTimeAsync(44_000)
    line().heard()
    await vi.advanceTimersByTimeAsync(44_000)
    expect(lines.length).toBe(1)
    await vi.advanceTimersByTimeAsync(2000)
    expect(lines.length).toBe(2)
  })

  it('does not insist where it is refused, and begins anew when it is told to', async () => {
    const { lines, line, stream } = setUp()
    stream.watch(nobody)
    await vi.advanceTimersByTimeAsync(50)
    line().close(new Refused())
    await vi.advanceTimersByTimeAsync(60_000)
    expect(lines.length).toBe(1)
    expect(stream.state).toBe('refused')
    stream.retry()
    await vi.advanceTimersByTimeAsync(0)
    expect(lines.length).toBe(2)
    stream.restart()
    await vi.advanceTimersByTimeAsync(0)
    expect(lines.length).toBe(3)
  })
})
