import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { Task } from '@/api/generated/types.gen'
import { StatusBadge } from '@/components/states'
import { Work } from '@/components/steps'
import { Checkbox } from '@/components/ui/toggle'
import { Money, RelativeTime } from '@/components/values'
import { cn } from '@/lib/cn'
import { TaskNote } from './task-note'

interface TaskRowProps {
  task: Task
  ticked: boolean
  current: boolean
  onTick: (id: string, on: boolean) => void
}

/** A task in the list: in one line where there is room, in two where there is not. */
export const TaskRow = memo(function TaskRow({ task, ticked, current, onTick }: TaskRowProps) {
  const why = task.latest_run?.failure?.reason
  return (
    <li
      data-row={task.id}
      className={cn(
        'group relative grid min-h-row grid-cols-[auto_1fr_auto] items-center gap-x-3 border-b border-line px-4 py-1.5 hover:bg-surface-2 md:grid-cols-[auto_9.5rem_minmax(0,1fr)_9rem_5rem_4.5rem] lg:grid-cols-[auto_9.5rem_minmax(0,1fr)_9.5rem_9rem_5rem_4.5rem] lg:px-6',
        ticked && 'bg-run-tint/40',
        current && 'shadow-[inset_2px_0_0_var(--focus)]',
      )}
    >
      <Checkbox
        aria-label={`Select ${task.title}`}
        className="relative z-10"
        checked={ticked}
        onChange={(event) => onTick(task.id, event.target.checked)}
      />
      <span className="max-md:order-2 max-md:col-start-2 max-md:row-start-2">
        <StatusBadge status={task.status} />
      </span>
      <span className="min-w-0 max-md:order-1 max-md:col-span-2">
        <Link
          to="/tasks/$taskId"
          params={{ taskId: task.id }}
          className="block min-h-6 truncate leading-6 font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
        >
          {task.title}
        </Link>
        {why ? <span className="block truncate text-xs text-bad">{why}</span> : <TaskNote task={task} />}
      </span>
      <span className="flex min-w-0 items-center text-xs max-lg:hidden">
        <Work status={task.status} step={task.latest_run?.step} result={task.latest_run?.result} />
      </span>
      <span className="truncate text-xs text-ink-2 max-md:hidden" title={task.repository.name}>
        {task.repository.name}
      </span>
      <span className="text-right text-xs text-ink-2 max-md:order-3 max-md:col-start-3 max-md:row-start-2">
        <Money micros={task.cost_usd_micros} />
      </span>
      <span className="text-right text-xs text-ink-3 max-md:hidden">
        <RelativeTime at={task.updated_at} />
      </span>
    </li>
  )
})
