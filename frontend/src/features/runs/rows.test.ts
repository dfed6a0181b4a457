import { describe, expect, it, vi } from 'vitest'
import type { RunEvent } from '@/api/generated/types.gen'
import { RowLog } from './row-log'
import { matchOf, nextError, type Row, type RowFilter, says } from './rows'

let seq = 0
const event = (type: RunEvent['type'], more: Partial<RunEvent> = {}): RunEvent => {
  seq += 1
  const at = '2026-01-01T00:00:00Z'
  return { seq, run_id: 'run_1', at, type, name: 'activity.finished', step_no: 1, title: '', truncated: false, ...more }
}
/** Frames come when the test says so. */
function logOf(events: RunEvent[] = [], most?: number, partial?: boolean) {
  const frames: (() => void)[] = []
  const onCut = vi.fn()
  const log = new RowLog(onCut, most, (callback) => frames.push(callback), partial)
  log.append(events)
  const draw = () => {
    while (frames.length > 0) frames.shift()?.()
    return log.view().shown
  }
  return { log, draw, onCut }
}
const rowsOf = (events: RunEvent[]) => logOf(events).draw()
const filterRows = (rows: readonly Row[], filter: RowFilter) => rows.filter(matchOf(filter) ?? (() => true))
const begun = { name: 'activity.started', phase: 'started' } as const
const done = { name: 'activity.finished', phase: 'finished' } as const

describe('the lines of a run', () => {
  it('make one of what has begun and what came of it, whatever happened in between', () => {
    const a = event('tool_call', { ...begun, data: { call_id: 'a' } })
    const b = event('tool_call', { ...begun, data: { call_id: 'b' } })
    const bDone = event('tool_call', { ...done, data: { call_id: 'b' } })
    const asked = event('model_call', { ...begun, turn: 2 })
    const rows = rowsOf([a, b, bDone, asked])
    expect(rows.map(({ seq, open }) => [seq, open])).toEqual([
      [a.seq, true],
      [b.seq, false],
      [asked.seq, true],
    ])
    // A fork from this line shares its end.
    expect(rows[1]?.end).toBe(bDone.seq)
  })

  it('pair words of people and acts without a phase as well', () => {
    const rows = rowsOf([
      event('message', { ...begun, turn: 3 }),
      event('message', { ...done, turn: 3, data: { texts: ['slower'] } }),
      event('other', { name: 'activity.started', data: { key: 'base' } }),
      event('other', { name: 'activity.finished', data: { key: 'base' } }),
      event('other', { name: 'step.dispatched', data: { step: 'test' } }),
    ])
    expect(rows.map(({ open }) => open)).toEqual([false, false, false])
  })

  it('do not mix up turns of other steps and of the run it was forked from', () => {
    const rows = rowsOf([
      event('model_call', { ...begun, turn: 1, step_no: 1 }),
      event('model_call', { ...done, turn: 1, step_no: 2 }),
      event('model_call', { ...done, turn: 1, step_no: 1, run_id: 'run_0' }),
    ])
    expect(rows.map(({ open }) => open)).toEqual([true, false, false])
  })

  it('are found by their tool, and by what went wrong', () => {
    const started = event('status', { name: 'run.started', title: 'run started' })
    const bad = event('tool_call', {
      ...done,
      phase: 'failed',
      title: 'Edits',
      data: { tool: 'edit_file', output: 'read the file first' },
    })
    const rows = rowsOf([started, bad])
    expect(filterRows(rows, { tool: 'edit_file' }).map(({ seq }) => seq)).toEqual([bad.seq])
    expect(filterRows(rows, { errors: true }).map(({ seq }) => seq)).toEqual([bad.seq])
    expect(nextError(rows, undefined, 1)?.seq).toBe(bad.seq)
    expect(nextError(rows, bad.seq, 1)).toBeUndefined()
  })
})

describe('words that are looked for', () => {
  const call = event('tool_call', {
    title: 'Edits a file',
    data: { arguments: { paths: ['src/Prices.ts'] }, turns: 12 },
  })
  it('are found in titles and in texts at any depth, and not in names of fields or numbers', () => {
    expect(['EDITS', 'prices.TS'].map((words) => says(call, words))).toEqual([true, true])
    expect(['arguments', '12'].map((words) => says(call, words))).toEqual([false, false])
  })
})

describe('the log of a run', () => {
  const plain = (many: number, from = 1) =>
    Array.from({ length: many }, (_, i) => ({ ...event('other', { title: `line ${from + i}` }), seq: from + i }))

  it('publishes once a frame, and drops what it has heard before', () => {
    const { log, draw } = logOf(plain(3))
    let published = 0
    log.subscribe(() => (published += 1))
    log.append(plain(4))
    expect(log.view().shown).toEqual([])
    expect(draw().map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    expect(published).toBe(1)
    log.append(plain(2))
    draw()
    expect(published).toBe(1)
  })

  it('replaces the line that something came of, and no other', () => {
    const a = event('tool_call', { ...begun, data: { call_id: 'a' } })
    const b = event('tool_call', { ...begun, data: { call_id: 'b' } })
    const { log, draw } = logOf([a, b])
    const before = [...draw()]
    log.append([event('tool_call', { ...done, data: { call_id: 'b' } })])
    const after = draw()
    expect(after.map((row, i) => row === before[i])).toEqual([true, false])
    expect(after[1]?.open).toBe(false)
  })

  it('looks at each line once for a filter, however many come after it', () => {
    const { log, draw } = logOf(plain(100))
    const match = vi.fn(() => true)
    log.filter(match)
    expect(match).toHaveBeenCalledTimes(100)
    log.append(plain(1, 101))
    draw()
    expect(match).toHaveBeenCalledTimes(101)
  })

  it('shows a line as soon as it fits, at its place', () => {
    const a = event('tool_call', { ...begun, data: { call_id: 'a' } })
    const { log, draw } = logOf([a])
    log.filter(matchOf({ errors: true }))
    log.append([event('status', { phase: 'failed' })])
    log.append([event('tool_call', { ...done, phase: 'failed', data: { call_id: 'a' } })])
    expect(draw().map(({ seq }) => seq)).toEqual([a.seq, a.seq + 1])
  })

  it('of which only a part was asked for takes nothing for being under way', () => {
    const a = event('tool_call', { ...begun, data: { call_id: 'a' } })
    const b = event('tool_call', { ...begun, data: { call_id: 'b' } })
    const { log, draw } = logOf([b], undefined, true)
    log.prepend([a])
    log.append([event('tool_call', { ...done, phase: 'failed', data: { call_id: 'b' } })])
    expect(draw().map(({ seq, open, event }) => [seq, open, event.phase])).toEqual([
      [a.seq, false, 'started'],
      [b.seq, false, 'failed'],
    ])
  })

  it('says how many shown lines came before, so that a thinned list keeps its place', () => {
    const { log, draw } = logOf(plain(10, 11))
    log.filter(({ seq }) => seq % 5 === 0)
    draw()
    log.prepend(plain(10))
    expect(draw().map(({ seq }) => seq)).toEqual([5, 10, 15, 20])
    expect(log.view().prepended).toBe(2)
  })

  it('makes one line of a beginning that is read after its end', () => {
    const a = event('tool_call', { ...begun, data: { call_id: 'a' } })
    const other = event('status')
    const end = event('tool_call', { ...done, data: { call_id: 'a' } })
    const { log, draw } = logOf([other, end])
    expect(draw().length).toBe(2)
    log.prepend([a])
    expect(draw().map(({ seq, end, open }) => [seq, end, open])).toEqual([
      [a.seq, end.seq, false],
      [other.seq, other.seq, false],
    ])
  })

  it('keeps no more than it may at either end, and reads again what it let go of', () => {
    const { log, draw, onCut } = logOf(plain(11, 20), 10)
    expect(draw().map(({ seq }) => seq)).toEqual([22, 23, 24, 25, 26, 27, 28, 29, 30])
    expect([log.first, log.view().prepended, onCut.mock.calls]).toEqual([22, -2, [['start']]])
    log.prepend(plain(4, 18))
    expect(draw().at(-1)?.seq).toBe(26)
    expect([log.first, log.last, onCut.mock.lastCall]).toEqual([18, 26, ['end']])
    log.append(plain(1, 27))
    expect(draw().map(({ seq }) => seq)).toEqual([18, 19, 20, 21, 22, 23, 24, 25, 26, 27])
  })

  it('does not show the end of a line twice that was kept when the end was let go of', () => {
    const a = { ...event('tool_call', { ...begun, data: { call_id: 'a' } }), seq: 10 }
    const end = { ...event('tool_call', { ...done, data: { call_id: 'a' } }), seq: 30 }
    const { log, draw } = logOf([a, ...plain(9, 11), end], 10)
    draw()
    log.prepend(plain(5, 5))
    expect(draw().at(-1)?.seq).toBe(13)
    log.append([...plain(1, 14), end])
    expect(draw().filter(({ event }) => event.type === 'tool_call').length).toBe(1)
  })
})
