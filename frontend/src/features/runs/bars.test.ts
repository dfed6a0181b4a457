import { describe, expect, it } from 'vitest'
import type { Step, StepState } from '@/api/generated/types.gen'
import { againAfter } from './bars'

const step = (name: string, seq: number | undefined, dollars: number, state: StepState = 'done') =>
  ({ name, seq, state, usage: { cost_usd_micros: dollars * 1e6 } }) as Step
const steps = [step('plan', 10, 1), step('code', 40, 3), step('test', 44, 0), step('review', 60, 2)]
const names = (again: ReturnType<typeof againAfter>) => again.steps.map(({ name }) => name)

describe('what runs again', () => {
  it('is every step after the one that is gone back to, whole', () => {
    const again = againAfter(steps, 10)
    expect([names(again), again.cost, again.rest]).toEqual([['code', 'test', 'review'], 5e6, false])
    expect(againAfter(steps, 0)).toMatchObject({ cost: 6e6, rest: false })
  })
  it('is only the rest of a step that is gone back into', () => {
    const again = againAfter(steps, 25)
    expect([names(again), again.rest]).toEqual([['code', 'test', 'review'], true])
  })
  it('is nothing after the last of them', () => {
    expect(againAfter(steps, 60)).toEqual({ steps: [], cost: 0, rest: false })
  })
  it('is the rest of where it stopped, and nothing that a retry has put aside', () => {
    const stopped = [step('plan', 10, 1), step('code', undefined, 2, 'failed'), step('code', 30, 9, 'superseded')]
    const again = againAfter(stopped, undefined)
    expect([names(again), again.cost, again.rest]).toEqual([['code'], 2e6, true])
    expect(names(againAfter(stopped, 10))).toEqual(['code'])
  })
})
