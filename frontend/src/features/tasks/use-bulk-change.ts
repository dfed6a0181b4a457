import { useMutation, useQueryClient } from '@tanstack/react-query'
import { showTasks } from '@/api/ahead'
import { changeTasksMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { BulkAction, Task } from '@/api/generated/types.gen'
import { hasEnded } from '@/components/states'
import { plural } from '@/lib/numbers'
import { toast } from '@/stores/toasts'

const done: Record<BulkAction, string> = {
  retry: 'retried',
  cancel: 'canceled',
  archive: 'archived',
  restore: 'restored',
  delete: 'deleted',
}

/** How a task will look. What may well be refused is not shown before it is done. */
function ahead(action: BulkAction, task: Task): Task | undefined {
  switch (action) {
    case 'archive':
      return hasEnded(task) || task.attempts === 0 ? undefined : task
    case 'restore':
      return undefined
    case 'cancel':
      return hasEnded(task) ? task : { ...task, status: 'canceled', needs_me: false }
    case 'delete':
      return task.attempts > 0 ? task : undefined
    case 'retry':
      return task
  }
}

/** Does something to many tasks; the lists show it at once, and are put right when the server says otherwise. */
export function useBulkChange() {
  const cache = useQueryClient()
  return useMutation({
    ...changeTasksMutation(),
    onMutate: ({ body: { ids, action } }) =>
      showTasks(cache, (task) => (ids.includes(task.id) ? ahead(action, task) : task)),
    onSuccess: ({ items }, { body: { action } }) => {
      const bad = items.filter(({ ok }) => !ok)
      const good = items.length - bad.length
      toast(
        good > 0 ? `${plural(good, 'task')} ${done[action]}` : `No task was ${done[action]}`,
        bad.length > 0
          ? { kind: 'bad', detail: `${good > 0 ? `${bad.length} not: ` : ''}${bad[0]?.error}` }
          : { kind: 'ok' },
      )
    },
    onError: (error, { body: { ids, action } }, back) => {
      back?.()
      toast(`${plural(ids.length, 'task')} could not be ${done[action]}`, { kind: 'bad', detail: error.message })
    },
    // Also puts back what was refused for some of them.
    onSettled: () => void cache.invalidateQueries(),
  })
}
