import type { Fork, Task } from '@/api/generated/types.gen'
import { money, toMicros } from '@/lib/numbers'

/** What a fork may be told otherwise, as it is typed. */
export interface ForkWords {
  title: string
  description: string
  /** The model of every role; empty leaves each with its own. */
  model: string
  budget: string
}

/** What is left of a task's budget. */
export const leftOf = (task: Pick<Task, 'budget_usd_micros' | 'cost_usd_micros'>): number =>
  Math.max(0, task.budget_usd_micros - task.cost_usd_micros)

/** As the task says it; without a sum of its own, a fork has what is left. */
export const wordsOf = (task: Pick<Task, 'title' | 'description'> | undefined): ForkWords => ({
  title: task?.title ?? '',
  description: task?.description ?? '',
  model: '',
  budget: '',
})

/** What is sent: only what is otherwise than before. Or what is wrong with it. */
export function forkOf(
  seq: number,
  before: ForkWords,
  words: ForkWords,
  left: number,
): { body: Fork; wrong: Partial<Record<keyof ForkWords, string>> } {
  const wrong: Partial<Record<keyof ForkWords, string>> = {}
  const title = words.title.trim()
  if (title === '') wrong.title = 'Say in a line what is to be done.'
  if (title.length > 300) wrong.title = 'At most 300 characters.'
  const typed = words.budget.trim() !== ''
  const budget = typed ? toMicros(words.budget) : undefined
  if (typed && !budget) wrong.budget = 'An amount in dollars, like 2.50'
  else if (budget !== undefined && budget > left) wrong.budget = `The task has ${money(left)} left.`
  return {
    body: {
      from_seq: seq,
      ...(title === before.title ? {} : { title }),
      ...(words.description === before.description ? {} : { description: words.description }),
      ...(words.model === '' ? {} : { model: words.model }),
      ...(budget === undefined ? {} : { budget_usd_micros: budget }),
    },
    wrong,
  }
}
