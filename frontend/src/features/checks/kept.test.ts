import { describe, expect, it } from 'vitest'
import { keptAs } from './kept'

const artifact = {
  name: `4f2a9c1d${'0'.repeat(56)}`,
  media_type: 'text/x-diff',
  step_no: 2,
  size_bytes: 10,
  created_at: '2026-01-01T00:00:00Z',
}
const steps = [
  { step_no: 1, name: 'plan' },
  { step_no: 2, name: 'code' },
]

describe('a file that a run keeps', () => {
  it('is called by what it is and by its step, and not by its checksum', () => {
    expect(keptAs(artifact, steps)).toEqual({ what: 'Difference', of: 'Code', file: 'code-2-4f2a9c1d.diff' })
    expect(keptAs({ ...artifact, media_type: 'text/plain', tool_call_id: 'tool_1' }, steps).what).toBe(
      'Output of a tool',
    )
  })
  it('is kept though nobody knows what it is', () => {
    expect(keptAs({ ...artifact, media_type: 'application/zip', step_no: 9 }, steps)).toEqual({
      what: 'File',
      of: 'Step 9',
      file: 'step-9-4f2a9c1d.bin',
    })
  })
})
