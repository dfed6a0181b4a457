import type { Task } from '@/api/generated/types.gen'
import { plural } from '@/lib/numbers'
import { pullWord } from '@/lib/pulls'

/** What else is worth a line under a task's title: what it waits for, or as what it was offered. */
export function TaskNote({ task }: { task: Task }) {
  const left = task.status === 'waiting_for_tasks' ? task.depends_on.filter(({ succeeded }) => !succeeded).length : 0
  const pull = task.latest_run?.pull_request
  if (left === 0 && !pull) return null
  return (
    <span className="block truncate text-xs text-ink-3">
      {left > 0
        ? `Begins when ${plural(left, 'task')} ${left === 1 ? 'has' : 'have'} succeeded`
        : pull && pullWord(pull)}
    </span>
  )
}
