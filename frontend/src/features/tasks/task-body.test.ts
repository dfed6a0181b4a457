import { describe, expect, it } from 'vitest'
import { bodyOf } from './task-body'
import { blank, type TaskDraft } from './task-draft'

const draft: TaskDraft = {
  ...blank,
  title: ' Fix it ',
  repository: 'repo_1',
  budget: '2.50',
  deliver: 'pull_request',
  attempts: 3,
  after: [{ id: 'task_1', title: 'First this' }],
}
const optionsOf = (change: Partial<TaskDraft>, offered = true) => {
  const made = bodyOf({ ...draft, ...change }, offered)
  return 'body' in made ? made.body.options : undefined
}
const wrongWith = (change: Partial<TaskDraft>) => {
  const made = bodyOf({ ...draft, ...change }, true)
  return 'wrong' in made ? Object.keys(made.wrong) : []
}

describe('what a form asks for', () => {
  it('is sent with how it is delivered, how often it is tried, and what it waits for', () => {
    expect(bodyOf(draft, true)).toEqual({
      body: {
        title: 'Fix it',
        description: '',
        repository_id: 'repo_1',
        budget_usd_micros: 2_500_000,
        depends_on: ['task_1'],
        options: {
          mode: 'full',
          approve_plan: true,
          approve_delivery: false,
          deliver: 'pull_request',
          attempts: 3,
        },
      },
    })
  })
  it('leaves out what its repository or its way does not know, though it was chosen before', () => {
    expect(optionsOf({}, false)).not.toHaveProperty('deliver')
    const plan = optionsOf({ mode: 'plan_only' })
    expect(plan).not.toHaveProperty('deliver')
    expect(plan).not.toHaveProperty('attempts')
    expect(optionsOf({ attempts: 1 })).not.toHaveProperty('attempts')
  })
  it('says of models, limits, time, rounds and network only what somebody has said', () => {
    expect(
      optionsOf({
        models: { coder: 'claude-opus-5-5', planner: '' },
        limits: { coder: { turns: '200', usd: '' }, tester: { turns: '', usd: '' }, reviewer: { usd: '0.5' } },
        minutes: '90',
        test_rounds: '5',
        review_rounds: ' ',
        network: true,
      }),
    ).toMatchObject({
      models: { coder: 'claude-opus-5-5' },
      limits: { coder: { turns: 200 }, reviewer: { usd_micros: 500_000 } },
      minutes: 90,
      test_rounds: 5,
      network: true,
    })
    const usual = optionsOf({ models: { planner: '' }, limits: { coder: {} } })
    for (const name of ['models', 'limits', 'minutes', 'review_rounds', 'network'])
      expect(usual).not.toHaveProperty(name)
  })
  it('begins at once unless it is to be kept', () => {
    expect(bodyOf(draft, true)).not.toHaveProperty('body.start')
    expect(bodyOf({ ...draft, start: false }, true)).toHaveProperty('body.start', false)
  })
  it('is told what is wrong before it is sent, by the names of the places', () => {
    expect(wrongWith({ title: ' ', budget: 'much' })).toEqual(['title', 'budget_usd_micros'])
    expect(wrongWith({ minutes: '0', test_rounds: '11', limits: { coder: { turns: '1.5', usd: 'x' } } })).toEqual([
      'options/limits/coder/turns',
      'options/limits/coder/usd_micros',
      'options/minutes',
      'options/test_rounds',
    ])
  })
})
