import type { RunResult } from '@/api/generated/types.gen'

/** What the end of a run comes to, as people say it. */
export const results: Record<RunResult, string> = {
  published: 'Delivered',
  planned: 'A plan',
  needs_human: 'A person must look',
  infeasible: 'Cannot be done as asked',
  rejected: 'Rejected',
  out_of_budget: 'Out of budget',
  candidate: 'Offered to the choice',
}
