import type { Task, TaskUpdate } from '@/api/generated/types.gen'
import { dollars, toMicros } from '@/lib/numbers'

/** What can be changed of a task, as it is typed. */
export interface TaskWords {
  title: string
  description: string
  budget: string
}

type Editable = Pick<Task, 'title' | 'description' | 'budget_usd_micros'>

/** A task as one would type it. */
export const wordsOf = (task: Editable): TaskWords => ({
  title: task.title,
  description: task.description,
  budget: dollars(task.budget_usd_micros),
})

/** What is sent: only what was changed, so that nothing else is overwritten; and what is wrong with it. */
export function changesOf(
  task: Editable,
  words: TaskWords,
): { body: TaskUpdate; wrong: Partial<Record<keyof TaskWords, string>> } {
  const title = words.title.trim()
  const budget = toMicros(words.budget)
  const wrong: Partial<Record<keyof TaskWords, string>> = {}
  if (title === '') wrong.title = 'Say in a line what is to be done.'
  if (title.length > 300) wrong.title = 'At most 300 characters; the rest belongs below.'
  if (!budget) wrong.budget = 'An amount in dollars, like 2.50'
  return {
    body: {
      ...(title === task.title ? {} : { title }),
      ...(words.description === task.description ? {} : { description: words.description }),
      ...(budget === undefined || budget === task.budget_usd_micros ? {} : { budget_usd_micros: budget }),
    },
    wrong,
  }
}
