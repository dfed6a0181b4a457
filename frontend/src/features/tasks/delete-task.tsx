import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { deleteTaskMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Task } from '@/api/generated/types.gen'
import { Confirm } from '@/components/confirm'
import { toast } from '@/stores/toasts'

/** Is rid of a task that never ran. */
export default function DeleteTask({ task, onClose }: { task: Task; onClose: () => void }) {
  const cache = useQueryClient()
  const navigate = useNavigate()
  const remove = useMutation({
    ...deleteTaskMutation(),
    onSuccess: async () => {
      toast('The task is deleted', { kind: 'ok' })
      // Away first: the page of a task that is gone would say that it cannot be found.
      await navigate({ to: '/tasks' })
      void cache.invalidateQueries()
    },
  })
  return (
    <Confirm
      open
      onClose={onClose}
      title="Delete the task?"
      action="Delete"
      danger
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ path: { id: task.id } })}
    >
      “{task.title}” never ran, so nothing of it is kept.
    </Confirm>
  )
}
