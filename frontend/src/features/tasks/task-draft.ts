import type { Deliver, Mode } from '@/api/generated/types.gen'
import type { AgentRole } from '@/components/words'
import { keepDraft, useDraft } from '@/stores/drafts'

/** Where the draft of a new task is kept. */
export const DRAFT = 'new-task'

/** What a role may use, as it was typed. */
export interface RoleDraft {
  turns?: string
  usd?: string
}

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
  /** Models of roles, where they are not the installation's. */
  models: Partial<Record<AgentRole, string>>
  limits: Partial<Record<AgentRole, RoleDraft>>
  /** Empty as long as nobody says otherwise, like the rounds. */
  minutes: string
  test_rounds: string
  review_rounds: string
  network: boolean
  /** A run begins at once. */
  start: boolean
}

/** What a form begins with. */
export const blank = {
  title: '',
  description: '',
  branch: '',
  mode: 'full',
  approve_plan: true,
  approve_delivery: false,
  budget: '10',
  deliver: 'branch',
  attempts: 1,
  after: [],
  models: {},
  limits: {},
  minutes: '',
  test_rounds: '',
  review_rounds: '',
  network: false,
  start: true,
} satisfies Omit<TaskDraft, 'repository'>

/** The draft, kept where it survives a reload. */
export function useTaskDraft(repository: string): [TaskDraft, (draft: TaskDraft) => void] {
  const kept = useDraft(DRAFT)
  let draft: TaskDraft = { ...blank, repository }
  try {
    if (kept) draft = { ...draft, ...(JSON.parse(kept) as Partial<TaskDraft>) }
  } catch {
    // Kept by another version: begin anew.
  }
  return [draft, (next) => keepDraft(DRAFT, JSON.stringify(next))]
}

/** What the fields of a draft share. */
export interface FieldsProps {
  draft: TaskDraft
  onChange: (change: Partial<TaskDraft>) => void
  /** What is wrong at a place, whoever has found it. */
  fault: (place: string) => string | undefined
}
