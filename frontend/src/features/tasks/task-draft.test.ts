import { describe, expect, it } from 'vitest'
import { bodyOf, type TaskDraft } from './task-draft'

const draft: TaskDraft = {
  title: ' Fix it ',
  description: '',
  repository: 'repo_1',
  branch: '',
  mode: 'full',
  approve_plan: true,
  approve_delivery: false,
  budget: '2.50',
  deliver: 'pull_request',
  attempts: 3,
  after: [{ id: 'task_1', title: 'First this' }],
}
const optionsOf = (change: Partial<TaskDraft>, offered = true) => {
  const made = bodyOf({ ...draft, ...change }, offered)
  return 'body' in made ? made.body.options : undefined
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
  it('is told what is wrong before it is sent', () => {
    expect(bodyOf({ ...draft, title: ' ', budget: 'much' }, true)).toEqual({
      wrong: { title: expect.any(String), budget: expect.any(String) },
    })
  })
})
