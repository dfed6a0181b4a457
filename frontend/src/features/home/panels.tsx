import { Link } from '@tanstack/react-router'
import { CircleCheck, Moon } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Run, Task } from '@/api/generated/types.gen'
import { StatusBadge } from '@/components/states'
import { Elapsed, Money, RelativeTime } from '@/components/values'

export function Panel({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex min-w-0 flex-col rounded-lg border border-line bg-surface">
      <h2 className="flex items-center justify-between px-4 py-3 text-sm font-medium">
        {title}
        <span className="nums font-normal text-ink-3">{aside}</span>
      </h2>
      {children}
    </section>
  )
}

const line = 'relative flex flex-col gap-1 border-t border-line px-4 py-2.5 text-sm hover:bg-surface-2'
const link = 'min-w-0 flex-1 truncate font-medium after:absolute after:inset-0'
const meta = 'flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-3'
const none = 'flex items-center gap-2 border-t border-line px-4 py-6 text-sm text-ink-2 [&_svg]:size-4'

/** What waits for a person, longest waiting first, and what went wrong. */
export function NeedsYou({ waiting, failed }: { waiting: Run[]; failed: Task[] }) {
  return (
    <Panel title="Needs you" aside={waiting.length + failed.length || undefined}>
      {waiting.length + failed.length === 0 ? (
        <p className={none}>
          <CircleCheck aria-hidden className="text-ok" /> Nothing waits for you.
        </p>
      ) : (
        <ul>
          {waiting.map((run) => (
            <li key={run.id} className={line}>
              <span className="flex items-baseline gap-3">
                <Link
                  to="/tasks/$taskId"
                  params={{ taskId: run.task.id }}
                  search={{ run: run.id, tab: run.status === 'awaiting_plan' ? 'plan' : undefined }}
                  className={link}
                >
                  {run.task.title}
                </Link>
                <RelativeTime at={run.since ?? run.created_at} className="text-xs text-ink-3" />
              </span>
              <span className={meta}>
                <StatusBadge status={run.status} />
                {run.repository.name}
                <Money micros={run.usage.cost_usd_micros} />
              </span>
            </li>
          ))}
          {failed.map((task) => (
            <li key={task.id} className={line}>
              <span className="flex items-baseline gap-3">
                <Link to="/tasks/$taskId" params={{ taskId: task.id }} className={link}>
                  {task.title}
                </Link>
                <RelativeTime at={task.updated_at} className="text-xs text-ink-3" />
              </span>
              <span className={meta}>
                <StatusBadge status={task.status} />
                {task.repository.name}
                <Money micros={task.cost_usd_micros} />
              </span>
              {task.latest_run?.failure && (
                <span className="truncate text-xs text-bad">{task.latest_run.failure.reason}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** What is at work at this moment. */
export function RunningNow({ tasks }: { tasks: Task[] }) {
  return (
    <Panel title="Running now" aside={tasks.length || undefined}>
      {tasks.length === 0 ? (
        <p className={none}>
          <Moon aria-hidden className="text-ink-3" /> Nothing is running.
        </p>
      ) : (
        <ul>
          {tasks.map((task) => (
            <li key={task.id} className={line}>
              <span className="flex items-baseline gap-3">
                <Link to="/tasks/$taskId" params={{ taskId: task.id }} className={link}>
                  {task.title}
                </Link>
                {task.latest_run && (
                  <Elapsed
                    from={task.latest_run.created_at}
                    to={task.latest_run.ended_at}
                    className="text-xs text-ink-3"
                  />
                )}
              </span>
              <span className={meta}>
                <StatusBadge status={task.status} />
                {task.repository.name}
                <Money micros={task.cost_usd_micros} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
