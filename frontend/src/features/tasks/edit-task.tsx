import { useQuery } from '@tanstack/react-query'
import { getTaskQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { getTask } from '@/api/generated/sdk.gen'
import type { Task } from '@/api/generated/types.gen'
import { taggedOptions } from '@/api/tagged'
import { ProblemCard } from '@/components/problem-card'
import { Dialog } from '@/components/ui/dialog'
import { Skeleton } from '@/components/ui/skeleton'
import { EditForm } from './edit-form'

/** What was asked for, in other words or for another sum. */
export default function EditTask({ task, onClose }: { task: Task; onClose: () => void }) {
  const path = { id: task.id }
  const read = useQuery(taggedOptions(getTaskQueryKey({ path }), (signal) => getTask({ path, signal })))
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
          read={read.data}
          onClose={onClose}
          onRead={async () => (await read.refetch({ throwOnError: true })).data ?? read.data}
        />
      )}
    </Dialog>
  )
}
