import { Link } from '@tanstack/react-router'
import { CircleCheck, Moon } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Approval, Task } from '@/api/generated/types.gen'
import { approvalWords } from '@/components/approval-words'
import { StatusBadge } from '@/components/states'
import { Badge } from '@/components/ui/badge'
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

const line =
  'relative flex min-h-row flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2 text-sm hover:bg-surface-2'
const link = 'min-w-0 flex-1 basis-40 truncate font-medium after:absolute after:inset-0'
const none = 'flex items-center gap-2 border-t border-line px-4 py-6 text-sm text-ink-2 [&_svg]:size-4'

/** What waits for a person, longest waiting first, and what went wrong. */
export function NeedsYou({ approvals, failed }: { approvals: Approval[]; failed: Task[] }) {
  return (
    <Panel title="Needs you" aside={approvals.length + failed.length || undefined}>
      {approvals.length + failed.length === 0 ? (
        <p className={none}>
          <CircleCheck aria-hidden className="text-ok" /> Nothing waits for you.
        </p>
      ) : (
        <ul>
          {approvals.map((approval) => {
            const { word, tone, icon } = approvalWords[approval.kind]
            return (
              <li key={approval.id} className={line}>
                <Badge tone={tone} icon={icon}>
                  {word}
                </Badge>
                <Link
                  to="/tasks/$taskId"
                  params={{ taskId: approval.task_id }}
                  search={{ run: approval.run_id, tab: approval.kind === 'plan' ? 'plan' : undefined }}
                  className={link}
                >
                  {approval.task_title}
                </Link>
                <RelativeTime at={approval.waiting_since} className="text-xs text-ink-3" />
              </li>
            )
          })}
          {failed.map((task) => (
            <li key={task.id} className={line}>
              <StatusBadge status={task.status} />
              <Link to="/tasks/$taskId" params={{ taskId: task.id }} className={link}>
                {task.title}
              </Link>
              {task.latest_run?.failure && (
                <span className="w-full truncate text-xs text-bad">{task.latest_run.failure.reason}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

/** What is at work at this moment. */
export function RunningNow({ tasks, total }: { tasks: Task[]; total: number }) {
  return (
    <Panel title="Running now" aside={total || undefined}>
      {tasks.length === 0 ? (
        <p className={none}>
          <Moon aria-hidden className="text-ink-3" /> Nothing is running.
        </p>
      ) : (
        <ul>
          {tasks.map((task) => (
            <li key={task.id} className={line}>
              <StatusBadge status={task.status} />
              <Link to="/tasks/$taskId" params={{ taskId: task.id }} className={link}>
                {task.title}
              </Link>
              <span className="flex gap-3 text-xs text-ink-3">
                <span>{task.repository.name}</span>
                <Money micros={task.cost_usd_micros} />
                {task.latest_run && <Elapsed from={task.latest_run.created_at} to={task.latest_run.ended_at} />}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
