import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { GitBranch } from 'lucide-react'
import { type ReactNode, Suspense, useState } from 'react'
import type { Run, Task } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { stepsOf } from '@/api/whole'
import { PageHeader } from '@/components/page-header'
import { part, WhenHere } from '@/components/part'
import { RichText } from '@/components/rich-text'
import { useMe } from '@/components/session'
import { Badge } from '@/components/ui/badge'
import { CopyButton } from '@/components/ui/copy-button'
import { RunHeader } from './run-header'
import { useRunActions } from './use-run-actions'

const BeginDialog = part(() => import('./begin-dialog'))
const ForkDialog = part(() => import('./fork-dialog'))
const RetryDialog = part(() => import('./retry-dialog'))
const SideBySide = part(() => import('./side-by-side'))
const WaitsFor = part(() => import('./waits-for'))
const PullRequest = part(() => import('./pull-request'))

interface TaskHeaderProps {
  task: Task
  run: Run
  runs: Run[]
  /** What is done with the task, and not with the run. */
  actions: ReactNode
  children: ReactNode
}

/** The top of a task: what was asked for, where it stands, what can be done. */
export function TaskHeader({ task, run, runs, actions: ofTask, children }: TaskHeaderProps) {
  const me = useMe()
  const actions = useRunActions(run)
  const steps = useQuery(stepsOf(run.id))
  const [open, setOpen] = useState<'retry' | 'fork' | 'again'>()
  const items = steps.data?.items ?? []
  const newest = Math.max(0, ...items.map(({ seq }) => seq ?? 0))
  return (
    <PageHeader
      title={task.title}
      actions={ofTask}
      snug
      lead={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Link to="/repositories/$repositoryId" params={{ repositoryId: task.repository.id }} className="text-link">
            {task.repository.name}
          </Link>
          <span>by {task.created_by.name}</span>
          {task.archived_at && <Badge>Archived</Badge>}
          {runs.length > 1 && (
            <span>
              run {runs.filter(({ created_at }) => created_at <= run.created_at).length} of {runs.length}
            </span>
          )}
          {run.branch && (
            <span className="inline-flex items-center gap-1">
              <GitBranch aria-hidden className="size-3.5" />
              <code className="text-xs">{run.branch}</code>
              <CopyButton text={run.branch} label="Copy the branch's name" />
            </span>
          )}
        </span>
      }
    >
      <RunHeader
        task={task}
        run={run}
        actions={actions}
        why={whyNot(me, 'work')}
        onRetry={() => setOpen('retry')}
        onFork={() => setOpen('fork')}
        onAgain={() => setOpen('again')}
      />
      {(run.attempts ?? run.attempt_of) && (
        <WhenHere part={SideBySide} fallback={<div aria-hidden className="h-8" />}>
          <SideBySide run={run} />
        </WhenHere>
      )}
      {run.status === 'waiting_for_tasks' && task.depends_on.length > 0 && (
        <WhenHere part={WaitsFor} fallback={<div aria-hidden className="h-16" />}>
          <WaitsFor task={task} />
        </WhenHere>
      )}
      {(run.pull_request || (run.branch && run.result === 'published')) && (
        <WhenHere part={PullRequest} fallback={<div aria-hidden className="h-7" />}>
          <PullRequest run={run} />
        </WhenHere>
      )}
      {task.description && (
        <details className="text-sm">
          <summary className="cursor-pointer text-ink-2">What was asked for</summary>
          <div className="mt-2 max-h-60 max-w-3xl overflow-y-auto rounded-md border border-line bg-surface p-3">
            <RichText text={task.description} />
          </div>
        </details>
      )}
      {children}
      <Suspense>
        {open === 'retry' && (
          <RetryDialog run={run} steps={items} from={undefined} open onClose={() => setOpen(undefined)} />
        )}
        {open === 'fork' && <ForkDialog run={run} steps={items} seq={newest} onClose={() => setOpen(undefined)} />}
        {open === 'again' && <BeginDialog task={task} onClose={() => setOpen(undefined)} />}
      </Suspense>
    </PageHeader>
  )
}
