import { describe, expect, it } from 'vitest'
import { EventLog } from './event-log'

/** Frames that come when the test says so. */
function manual() {
  const queue: (() => void)[] = []
  return {
    frame: (callback: () => void) => queue.push(callback),
    run: () => queue.splice(0).forEach((callback) => void callback()),
  }
}
const at = (...seqs: number[]) => seqs.map((seq) => ({ seq }))

describe('the log of a run', () => {
  it('publishes once a frame and drops what it has heard before', () => {
    const { frame, run } = manual()
    const log = new EventLog(100, frame)
    let published = 0
    log.subscribe(() => (published += 1))
    log.append(at(1, 2))
    log.append(at(2, 3))
    expect(log.view().events).toEqual([])
    run()
    expect(published).toBe(1)
    expect(log.view().events.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(log.last).toBe(3)
  })

  it('keeps no more than it may, and says how far it moved', () => {
    const { frame, run } = manual()
    const log = new EventLog(10, frame)
    log.append(at(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
    run()
    expect(log.view().events.map(({ seq }) => seq)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(log.view().prepended).toBe(-2)
    log.prepend(at(1, 2, 3))
    run()
    expect(log.first).toBe(1)
    expect(log.view().prepended).toBe(0)
  })

  it('does not publish what changed nothing', () => {
    const { frame, run } = manual()
    const log = new EventLog(10, frame)
    log.append(at(5))
    run()
    const before = log.view()
    log.prepend(at(5, 6))
    run()
    expect(log.view()).toBe(before)
  })
})
