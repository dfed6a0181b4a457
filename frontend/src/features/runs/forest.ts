import type { Run } from '@/api/generated/types.gen'

/** Runs with their forks below them, each group oldest first. */
export function forest(runs: readonly Run[]): { run: Run; depth: number }[] {
  const ids = new Set(runs.map(({ id }) => id))
  const under = (parent: string | undefined, depth: number): { run: Run; depth: number }[] =>
    runs
      .filter((run) => (run.fork_of && ids.has(run.fork_of) ? run.fork_of : undefined) === parent)
      .sort((a, b) => a.created_at.localeCompare(b.created_at))
      .flatMap((run) => [{ run, depth }, ...under(run.id, depth + 1)])
  return under(undefined, 0)
}
