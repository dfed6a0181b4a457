import type { NotificationKind, Status } from '@/api/generated/types.gen'

/** Where the run stands that somebody is told about: it looks here as it does everywhere. */
export const statusOf: Record<NotificationKind, Status> = {
  plan: 'awaiting_plan',
  question: 'awaiting_answer',
  budget: 'awaiting_budget',
  delivery: 'awaiting_delivery',
  blocked: 'waiting_for_tasks',
  succeeded: 'succeeded',
  needs_human: 'needs_human',
  failed: 'failed',
  merged: 'succeeded',
  closed: 'rejected',
}

/** What one can be told of, and when that is. */
export const told: Record<NotificationKind, { word: string; when: string }> = {
  plan: { word: 'Plans', when: 'A plan waits for a decision.' },
  question: { word: 'Questions', when: 'An agent asks something.' },
  budget: { word: 'Budgets', when: 'A run has used up its money or its time.' },
  delivery: { word: 'Deliveries', when: 'What was done waits for a decision.' },
  blocked: { word: 'Blocked tasks', when: 'A task waits for another that has ended without success.' },
  succeeded: { word: 'Good ends', when: 'A run came to a good end.' },
  needs_human: { word: 'Ends to look at', when: 'A run ended in a way that a person has to look at.' },
  failed: { word: 'Failures', when: 'A run could not go on.' },
  merged: { word: 'Merges', when: 'A pull request with the work of a run was merged.' },
  closed: { word: 'Closed offers', when: 'A pull request with the work of a run was closed and not merged.' },
}

export const kinds = Object.keys(told) as NotificationKind[]
