import { describe, expect, it } from 'vitest'
import { suiteOf, verdictOf } from './read'

// As the server writes it, field by field: this is where a renamed field shows.
const suite = {
  framework: 'unittest',
  dir: '',
  command: ['python3', '-m', 'unittest'],
  base: { passed: 9, failed: 1, errored: 2, skipped: 0 },
  head: { passed: 10, failed: 0, errored: 0, skipped: 3 },
  newly_failing: [],
  fixed: ['tests.a'],
  still_failing: ['tests.b'],
  messages: [['tests.b', 'AssertionError']],
  base_complete: true,
  duration_ms: 178,
  log_artifact: 'abc',
  verdict: { is: 'green' },
}

describe('what tests said', () => {
  it('is read as it is written', () => {
    const read = suiteOf(suite)
    expect(read.base).toEqual({ passed: 9, failed: 1, errored: 2, skipped: 0 })
    expect(read.lists.fixed).toEqual(['tests.a'])
    expect(read.lists.flaky).toEqual([])
    expect(read.messages.get('tests.b')).toBe('AssertionError')
    expect([read.verdict, read.reason, read.durationMs]).toEqual(['green', '', 178])
  })

  it('is not green because it is not understood', () => {
    expect(suiteOf({ ...suite, verdict: 'green' }).verdict).toBe('not_run')
    expect(suiteOf(null).verdict).toBe('not_run')
    expect(suiteOf({ ...suite, verdict: { is: 'not_run', reason: 'no tests' } }).reason).toBe('no tests')
  })
})

describe('what a reviewer said', () => {
  it('is no approval unless it says so', () => {
    expect(verdictOf({ verdict: 'approve', confidence: 0.9 }).word).toBe('approve')
    expect(verdictOf({ verdict: 'lgtm' }).word).toBe('needs_human')
    expect(verdictOf(undefined).word).toBe('needs_human')
  })
})
