import type { Run } from '@/api/generated/types.gen'

export interface Branch {
  run: Run
  depth: number
  /** Counted in the order in which they began, forks too. */
  number: number
}

/** Runs with their forks below them, each group oldest first. */
export function forest(runs: readonly Run[]): Branch[] {
  const byAge = [...runs].sort((a, b) => a.created_at.localeCompare(b.created_at))
  const ids = new Set(runs.map(({ id }) => id))
  const under = (parent: string | undefined, depth: number): Branch[] =>
    byAge
      .map((run, i) => ({ run, depth, number: i + 1 }))
      .filter(({ run }) => (run.fork_of && ids.has(run.fork_of) ? run.fork_of : undefined) === parent)
      .flatMap((branch) => [branch, ...under(branch.run.id, depth + 1)])
  return under(undefined, 0)
}
