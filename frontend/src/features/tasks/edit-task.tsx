import { useQuery } from '@tanstack/react-query'
import { getTaskQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { getTask } from '@/api/generated/sdk.gen'
import type { Task } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { ProblemCard } from '@/components/problem-card'
import { Dialog } from '@/components/ui/dialog'
import { Skeleton } from '@/components/ui/skeleton'
import { EditForm } from './edit-form'

/** A task with the name of the state that was read: sent back with a change, so that nobody overwrites unseen. */
export interface ReadTask {
  task: Task
  tag: string | null
}

/** What was asked for, in other words or for another sum. */
export default function EditTask({ task, onClose }: { task: Task; onClose: () => void }) {
  const path = { id: task.id }
  const read = useQuery<ReadTask, ApiError>({
    // A key of its own: what the stream freshens on the page must not change the state that one began with.
    queryKey: [{ ...getTaskQueryKey({ path })[0], _id: 'editTask' }],
    queryFn: async ({ signal }) => {
      const { data, response } = await getTask({ path, signal })
      return { task: data, tag: response.headers.get('etag') }
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })
  return (
    <Dialog open onClose={onClose} title="Edit the task" wide>
      {read.isLoadingError ? (
        <ProblemCard error={read.error} retry={() => void read.refetch()} compact />
      ) : !read.data ? (
        <div className="flex flex-col gap-3">
          <Skeleton className="h-8" />
          <Skeleton className="h-40" />
        </div>
      ) : (
        <EditForm
          first={read.data}
          onClose={onClose}
          onRead={async () => (await read.refetch({ throwOnError: true })).data ?? read.data}
        />
      )}
    </Dialog>
  )
}
