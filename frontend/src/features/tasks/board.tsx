import { Link } from '@tanstack/react-router'
import { Suspense } from 'react'
import type { Task } from '@/api/generated/types.gen'
import { CalmRows } from '@/components/lists/calm-rows'
import { useCalm } from '@/components/lists/use-calm'
import { part } from '@/components/part'
import { StatusBadge } from '@/components/states'
import { Work } from '@/components/steps'
import { Checkbox } from '@/components/ui/toggle'
import { Money, RelativeTime } from '@/components/values'
import { cn } from '@/lib/cn'
import { columnOf, columns } from './queries'
import { TaskNote } from './task-note'
import { useSelection } from './use-selection'

const BulkBar = part(() => import('./bulk-bar'))

/** The same tasks by how far they are. The server says where a task stands, so cards are not dragged. */
export default function Board({ tasks, stale }: { tasks: Task[]; stale: boolean }) {
  const calm = useCalm(tasks, columnOf)
  const placed = columns.map((column) => ({
    ...column,
    here: calm.shown.filter((task) => calm.standsIn(task) === column.name),
  }))
  const { ticked, tick, current, chosen, clear } = useSelection(placed.flatMap(({ here }) => here))
  return (
    <>
      <CalmRows calm={calm} className="flex min-h-0 flex-1 flex-col">
        <section
          aria-label="Board"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          aria-busy={stale}
          className="flex min-h-0 flex-1 gap-3 overflow-x-auto px-4 pb-4 lg:px-6"
        >
          {placed.map(({ here, ...column }) => (
            <section
              key={column.name}
              aria-label={column.name}
              className="flex w-72 shrink-0 flex-col rounded-lg bg-surface-2 p-2"
            >
              <h2 className="flex justify-between px-1 pb-2 text-sm font-medium">
                {column.name} <span className="nums text-ink-3">{here.length}</span>
              </h2>
              <ul className="flex flex-col gap-2">
                {here.map((task) => (
                  <Card
                    key={task.id}
                    task={task}
                    ticked={ticked.has(task.id)}
                    current={task.id === current}
                    onTick={tick}
                  />
                ))}
                {here.length === 0 && <li className="px-1 py-4 text-center text-xs text-ink-3">Nothing here</li>}
              </ul>
            </section>
          ))}
        </section>
      </CalmRows>
      <Suspense>{chosen.length > 0 && <BulkBar tasks={chosen} onDone={clear} />}</Suspense>
    </>
  )
}

interface CardProps {
  task: Task
  ticked: boolean
  current: boolean
  onTick: (id: string, on: boolean) => void
}

function Card({ task, ticked, current, onTick }: CardProps) {
  return (
    <li
      data-row={task.id}
      className={cn(
        'relative rounded-md border bg-surface p-3 shadow-lift hover:border-line-strong',
        current ? 'border-focus' : 'border-line',
        ticked && 'bg-run-tint/40',
      )}
    >
      <div className="flex items-start gap-3">
        <Link
          to="/tasks/$taskId"
          params={{ taskId: task.id }}
          className="min-h-6 min-w-0 flex-1 text-sm font-medium after:absolute after:inset-0"
        >
          {task.title}
        </Link>
        <Checkbox
          aria-label={`Select ${task.title}`}
          className="relative z-10 mt-0.5"
          checked={ticked}
          onChange={(event) => onTick(task.id, event.target.checked)}
        />
      </div>
      {task.latest_run?.failure && (
        <p className="mt-0.5 line-clamp-2 text-xs text-bad">{task.latest_run.failure.reason}</p>
      )}
      <TaskNote task={task} />
      <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-2">
        <StatusBadge status={task.status} size="sm" />
        {task.status === 'running' && <Work status={task.status} step={task.latest_run?.step} />}
        <Money micros={task.cost_usd_micros} className="ml-auto" />
      </div>
      <p className="mt-1 flex justify-between text-xs text-ink-3">
        <span className="truncate">{task.repository.name}</span>
        <RelativeTime at={task.updated_at} />
      </p>
    </li>
  )
}
