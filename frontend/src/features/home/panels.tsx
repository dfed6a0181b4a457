import { Link, type LinkProps } from '@tanstack/react-router'
import { CircleCheck, Moon } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Run } from '@/api/generated/types.gen'
import { StatusBadge } from '@/components/states'
import { Work } from '@/components/steps'
import { Budget, Elapsed, RelativeTime } from '@/components/values'

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

function RunLine({ run, tab, aside }: { run: Run; tab?: 'plan' | 'changes' | undefined; aside: ReactNode }) {
  return (
    <li className={line}>
      <span className="flex items-baseline gap-3">
        <Link to="/tasks/$taskId" params={{ taskId: run.task.id }} search={{ run: run.id, tab }} className={link}>
          {run.task.title}
        </Link>
        <span className="text-xs text-ink-3">{aside}</span>
      </span>
      <span className={meta}>
        <StatusBadge status={run.status} />
        {run.status === 'running' && <Work status={run.status} step={run.step} />}
        {run.repository.name}
        <Budget spent={run.usage.cost_usd_micros} cap={run.budget_usd_micros} />
        {run.attempt_of && <span>one of several attempts</span>}
      </span>
      {run.failure && <span className="truncate text-xs text-bad">{run.failure.reason}</span>}
    </li>
  )
}

/** There are more than these. */
function More({ many, shown, children, ...to }: { many: number; shown: number; children: ReactNode } & LinkProps) {
  if (many <= shown) return null
  return (
    <p className="border-t border-line px-4 py-2 text-sm">
      <Link {...to} className="text-link hover:underline">
        {children}
      </Link>
    </p>
  )
}

/** What waits for a person, longest waiting first, and what went wrong. */
export function NeedsYou({ waiting, failed, total }: { waiting: Run[]; failed: Run[]; total: number }) {
  const shown = waiting.length + failed.length
  return (
    <Panel title="Needs you" aside={total || undefined}>
      {shown === 0 ? (
        <p className={none}>
          <CircleCheck aria-hidden className="text-ok" /> Nothing waits for you.
        </p>
      ) : (
        <ul>
          {waiting.map((run) => (
            <RunLine
              key={run.id}
              run={run}
              tab={run.status === 'awaiting_plan' ? 'plan' : undefined}
              aside={<RelativeTime at={run.since ?? run.created_at} />}
            />
          ))}
          {failed.map((run) => (
            <RunLine key={run.id} run={run} aside={<RelativeTime at={run.ended_at ?? run.created_at} />} />
          ))}
        </ul>
      )}
      <More many={total} shown={shown} to="/approvals">
        Everything that waits
      </More>
    </Panel>
  )
}

/** What is at work at this moment. */
export function RunningNow({ runs, total }: { runs: Run[]; total: number }) {
  return (
    <Panel title="Running now" aside={total || undefined}>
      {runs.length === 0 ? (
        <p className={none}>
          <Moon aria-hidden className="text-ink-3" /> Nothing is running.
        </p>
      ) : (
        <ul>
          {runs.map((run) => (
            <RunLine key={run.id} run={run} aside={<Elapsed from={run.created_at} to={run.ended_at} />} />
          ))}
        </ul>
      )}
      <More many={total} shown={runs.length} to="/runs">
        All runs
      </More>
    </Panel>
  )
}
