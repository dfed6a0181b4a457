import type { Deliver, Mode, NewTask } from '@/api/generated/types.gen'
import { toMicros } from '@/lib/numbers'
import { keepDraft, useDraft } from '@/stores/drafts'

/** Where the draft of a new task is kept. */
export const DRAFT = 'new-task'

/** What the form holds, as it was typed. */
export interface TaskDraft {
  title: string
  description: string
  repository: string
  branch: string
  mode: Mode
  approve_plan: boolean
  approve_delivery: boolean
  budget: string
  deliver: Deliver
  /** How many attempts are made side by side. */
  attempts: number
  /** Tasks that have to succeed first. */
  after: { id: string; title: string }[]
}

const blank = {
  title: '',
  description: '',
  branch: '',
  mode: 'full',
  approve_plan: true,
  approve_delivery: false,
  budget: '10',
  deliver: 'branch',
  attempts: 1,
} as const

/** The draft, kept where it survives a reload. */
export function useTaskDraft(repository: string): [TaskDraft, (draft: TaskDraft) => void] {
  const kept = useDraft(DRAFT)
  let draft: TaskDraft = { ...blank, repository, after: [] }
  try {
    if (kept) draft = { ...draft, ...(JSON.parse(kept) as Partial<TaskDraft>) }
  } catch {
    // Kept by another version: begin anew.
  }
  return [draft, (next) => keepDraft(DRAFT, JSON.stringify(next))]
}

/** What is sent, or what is wrong with it. */
export function bodyOf(
  draft: TaskDraft,
  /** Whether its repository is on a server that knows pull requests. */
  offered: boolean,
): { body: NewTask } | { wrong: Partial<Record<keyof TaskDraft, string>> } {
  const budget = toMicros(draft.budget)
  const wrong: Partial<Record<keyof TaskDraft, string>> = {}
  if (draft.title.trim() === '') wrong.title = 'Say in a line what is to be done.'
  if (draft.title.length > 300) wrong.title = 'At most 300 characters; the rest belongs below.'
  if (budget === undefined || budget === 0) wrong.budget = 'An amount in dollars, like 2.50'
  if (Object.keys(wrong).length > 0 || budget === undefined) return { wrong }
  const branch = draft.branch.trim()
  return {
    body: {
      title: draft.title.trim(),
      description: draft.description,
      repository_id: draft.repository,
      ...(branch ? { base_branch: branch } : {}),
      budget_usd_micros: budget,
      ...(draft.after.length > 0 ? { depends_on: draft.after.map(({ id }) => id) } : {}),
      options: {
        mode: draft.mode,
        approve_plan: draft.mode !== 'no_plan' && draft.approve_plan,
        approve_delivery: draft.approve_delivery,
        // A draft may have been begun for another repository, or in another way.
        ...(offered && draft.mode !== 'plan_only' ? { deliver: draft.deliver } : {}),
        ...(draft.mode !== 'plan_only' && draft.attempts > 1 ? { attempts: draft.attempts } : {}),
      },
    },
  }
}
