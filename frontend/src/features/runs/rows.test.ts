import { describe, expect, it } from 'vitest'
import type { RunEvent } from '@/api/generated/types.gen'
import { filterRows, nextError, rowsOf } from './rows'

let seq = 0
const event = (type: RunEvent['type'], more: Partial<RunEvent> = {}): RunEvent => {
  seq += 1
  const at = '2026-01-01T00:00:00Z'
  return { seq, run_id: 'run_1', at, type, name: 'activity.finished', step_no: 1, title: '', truncated: false, ...more }
}
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

  it('are found by what they carry, and by what went wrong', () => {
    const bad = event('tool_call', {
      ...done,
      phase: 'failed',
      title: 'Edits',
      data: { output: 'read the file first' },
    })
    const rows = rowsOf([event('status', { name: 'run.started', title: 'run started' }), bad])
    expect(filterRows(rows, { q: 'FILE FIRST' }).map(({ seq }) => seq)).toEqual([bad.seq])
    expect(filterRows(rows, { errors: true }).map(({ seq }) => seq)).toEqual([bad.seq])
    expect(nextError(rows, undefined, 1)?.seq).toBe(bad.seq)
    expect(nextError(rows, bad.seq, 1)).toBeUndefined()
  })
})
