import { useMutation, useQueryClient } from '@tanstack/react-query'
import { showTasks } from '@/api/ahead'
import { updateTaskMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Task } from '@/api/generated/types.gen'
import { toast } from '@/stores/toasts'

function placed({ archived_at: _, ...task }: Task, away: boolean): Task {
  return away ? { ...task, archived_at: new Date().toISOString() } : task
}

/** Puts a task away, or gets it back; shown at once, and undone in the toast that tells of it. */
export function usePutAway(id: string): (away: boolean) => void {
  const cache = useQueryClient()
  const { mutate } = useMutation({
    ...updateTaskMutation(),
    onMutate: ({ body: { archived } }) =>
      showTasks(cache, (task) => (task.id === id ? placed(task, Boolean(archived)) : task)),
    onSuccess: (_, { body: { archived } }) =>
      void toast(archived ? 'The task is in the archive' : 'The task is back in the lists', {
        kind: 'ok',
        action: { label: 'Undo', run: () => put(!archived) },
      }),
    onError: (error, { body: { archived } }, back) => {
      back?.()
      toast(archived ? 'The task was not archived' : 'The task was not restored', {
        kind: 'bad',
        detail: error.message,
      })
    },
    onSettled: () => void cache.invalidateQueries(),
  })
  const put = (archived: boolean) => mutate({ path: { id }, body: { archived } })
  return put
}
