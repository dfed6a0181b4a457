import { useMutation, useQueries, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Hourglass, X } from 'lucide-react'
import { getTaskOptions, updateTaskMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Need, Task } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { hasEnded, StatusBadge } from '@/components/states'
import { IconButton } from '@/components/ui/button'
import { plural } from '@/lib/numbers'

/** The tasks that have to succeed before this one begins, and what can be done about those that will not. */
export default function WaitsFor({ task }: { task: Task }) {
  const me = useMe()
  const cache = useQueryClient()
  const titles = useQueries({
    queries: task.depends_on.map(({ task_id }) => ({
      ...getTaskOptions({ path: { id: task_id } }),
      staleTime: 60_000,
    })),
  })
  const update = useMutation({ ...updateTaskMutation(), onSuccess: () => void cache.invalidateQueries() })
  const drop = (id: string) =>
    update.mutate({
      path: { id: task.id },
      body: { depends_on: task.depends_on.map(({ task_id }) => task_id).filter((one) => one !== id) },
    })
  const left = task.depends_on.filter(({ succeeded }) => !succeeded)
  const stuck = left.filter(ended)
  return (
    <section
      aria-label="Tasks it waits for"
      className="flex flex-col gap-2 rounded-md bg-idle-tint px-3 py-2 text-sm text-ink"
    >
      <p className="flex items-start gap-2 font-medium">
        <Hourglass aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-2" />
        {stuck.length > 0
          ? `${plural(stuck.length, 'task')} it waits for ended without success. Run ${stuck.length === 1 ? 'it' : 'them'} again, or do not wait.`
          : `It begins when ${plural(left.length, 'task')} ${left.length === 1 ? 'has' : 'have'} succeeded. Waiting costs nothing.`}
      </p>
      <ul className="flex flex-col gap-1">
        {task.depends_on.map((need, i) => {
          const title = titles[i]?.data?.title ?? need.task_id
          return (
            <li key={need.task_id} className="flex items-center gap-2">
              <StatusBadge status={need.succeeded ? 'succeeded' : need.status} size="sm" />
              <Link
                to="/tasks/$taskId"
                params={{ taskId: need.task_id }}
                className="min-w-0 truncate text-link hover:underline"
              >
                {title}
              </Link>
              {!need.succeeded && !whyNot(me, 'work') && (
                <IconButton
                  label={`Do not wait for ${title}`}
                  size="icon-sm"
                  busy={update.isPending}
                  onClick={() => drop(need.task_id)}
                >
                  {!update.isPending && <X />}
                </IconButton>
              )}
            </li>
          )
        })}
      </ul>
      <FormProblem error={update.error} words={{ depends_on: 'Tasks to wait for' }} />
    </section>
  )
}

const ended = ({ status }: Need): boolean => hasEnded({ status })
