import type { Mode } from '@/api/generated/types.gen'

/** What is chosen in more than one place is called the same in all of them. */

export const modes: Record<Mode, string> = {
  full: 'Plan, code, test, review, deliver',
  no_plan: 'Code at once, without a plan',
  plan_only: 'Only a plan',
}

/** How many attempts a run makes side by side. */
export const attemptWords: Readonly<Record<number, string>> = Object.fromEntries(
  [1, 2, 3, 4, 5].map((n) => [n, n === 1 ? 'One' : `${n}, and the best is taken`]),
)

/** Who works on a task: a key of what models and limits are said of. */
export const roles = { planner: 'Planner', coder: 'Coder', tester: 'Tester', reviewer: 'Reviewer' } as const
export type AgentRole = keyof typeof roles
export const roleNames = Object.keys(roles) as AgentRole[]
