import { describe, expect, it } from 'vitest'
import type { Repository } from '@/api/generated/types.gen'
import { askAgain, isBeingFetched } from './awaited'

const repository = (more: Partial<Repository>) => more as Repository
const there = repository({ synced_at: '2026-01-02T12:00:00Z' })
const coming = repository({ pending_since: '2026-01-02T12:00:00Z' })
const failed = repository({ pending_since: '2026-01-02T12:00:00Z', sync_error: 'no answer' })

describe('a first fetch', () => {
  it('is under way until it has ended or failed', () => {
    expect([there, coming, failed].map(isBeingFetched)).toEqual([false, true, false])
  })
  it('is asked for often while it is under way, seldom after a failure, and never when nothing is waited for', () => {
    expect([undefined, [], [there]].map(askAgain)).toEqual([false, false, false])
    const [soon, seldom] = [askAgain([there, coming, failed]), askAgain([there, failed])]
    expect(soon).toBeLessThan(5000)
    expect(seldom).toBeGreaterThan(Number(soon))
  })
})
