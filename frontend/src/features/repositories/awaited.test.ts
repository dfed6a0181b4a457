import { describe, expect, it } from 'vitest'
import type { Repository } from '@/api/generated/types.gen'
import { askAgain, goesOnStill, isBeingFetched } from './awaited'

const repository = (more: Partial<Repository>) => ({ id: 'repo_1', ...more }) as Repository
const noon = '2026-01-02T12:00:00Z'
const there = repository({ synced_at: noon })
const coming = repository({ pending_since: noon })
const failed = repository({ pending_since: noon, sync_error: 'no answer' })
const began = Date.parse('2026-01-02T13:00:00Z')
const asked = { repo_1: { before: noon, since: began } }

describe('a first fetch', () => {
  it('is under way until it has ended or failed', () => {
    expect([there, coming, failed].map(isBeingFetched)).toEqual([false, true, false])
  })
  it('is asked for often while it is under way, seldom after a failure, and never when nothing is waited for', () => {
    expect([undefined, [], [there]].map((shown) => askAgain(shown, {}))).toEqual([false, false, false])
    const [soon, seldom] = [askAgain([there, coming, failed], {}), askAgain([there, failed], {})]
    expect(soon).toBeLessThan(5000)
    expect(seldom).toBeGreaterThan(Number(soon))
  })
})

describe('a fetch that was asked for and takes long', () => {
  it('is asked for until the repository says that it was fetched later, well or not', () => {
    expect(askAgain([there], asked, began + 60_000)).toBeLessThan(5000)
    const later = '2026-01-02T13:05:00Z'
    expect(askAgain([repository({ synced_at: later })], asked, began)).toBe(false)
    expect(askAgain([repository({ synced_at: later, sync_error: 'no' })], asked, began)).toBe(false)
  })
  it('is a first one as well, also after one that had failed', () => {
    const again = { repo_1: { before: undefined, since: began } }
    expect(goesOnStill(failed, again.repo_1, began)).toBe(true)
    expect(askAgain([failed], again, began)).toBeLessThan(5000)
  })
  it('is asked for less often when it is very long in coming, and not for good', () => {
    expect(askAgain([there], asked, began + 3_000_000)).toBeGreaterThan(5000)
    expect(askAgain([there], asked, began + 86_400_000)).toBe(false)
  })
})
