import { describe, expect, it } from 'vitest'
import { forkOf, leftOf, wordsOf } from './fork-words'

const before = wordsOf({ title: 'Fix it', description: 'All of it' })
const left = leftOf({ budget_usd_micros: 10_000_000, cost_usd_micros: 4_000_000 })

describe('what a fork is told', () => {
  it('is nothing but where it begins, as long as nothing is otherwise', () => {
    expect(forkOf(7, before, before, left)).toEqual({ body: { from_seq: 7 }, wrong: {} })
  })
  it('is what is otherwise', () => {
    const words = { title: 'Fix it well', description: '', model: 'claude-opus-5-5', budget: '2.5' }
    expect(forkOf(7, before, words, left).body).toEqual({
      from_seq: 7,
      title: 'Fix it well',
      description: '',
      model: 'claude-opus-5-5',
      budget_usd_micros: 2_500_000,
    })
  })
  it('may not be a sum that the task has not left, nor none', () => {
    expect(forkOf(7, before, { ...before, budget: '6.01' }, left).wrong).toEqual({ budget: 'The task has $6.00 left.' })
    expect(forkOf(7, before, { ...before, budget: '0' }, left).wrong).toHaveProperty('budget')
    expect(forkOf(7, before, { ...before, budget: '6' }, left).wrong).toEqual({})
    expect(leftOf({ budget_usd_micros: 1, cost_usd_micros: 5 })).toBe(0)
  })
})
