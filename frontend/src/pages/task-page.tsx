import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Suspense, useCallback, useEffect } from 'react'
import { getRunOptions, getTaskOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Run, Status, Task } from '@/api/generated/types.gen'
import { runsOf } from '@/api/whole'
import { PageHeader } from '@/components/page-header'
import { type Part, part, WhenHere } from '@/components/part'
import { ProblemCard } from '@/components/problem-card'
import { buttonVariants } from '@/components/ui/button'
import { Skeleton, SkeletonRows } from '@/components/ui/skeleton'
import { type Tab, Tabs } from '@/components/ui/tabs'
import { TaskHeader } from '@/features/runs/task-header'
import { TaskActions } from '@/features/tasks/task-actions'
import type { TaskSearch } from '@/lib/searches'

const WaitingBanner = part(() => import('@/features/runs/waiting-banner'))
const ActivityTab = part(() => import('@/features/runs/activity-tab'))
const PlanTab = part(() => import('@/features/plans/plan-tab'))
const ChangesTab = part(() => import('@/features/changes/changes-tab'))
const ChecksTab = part(() => import('@/features/checks/checks-tab'))
const AgentDrawer = part(() => import('@/features/agents/agent-drawer'))
const NotStarted = part(() => import('@/features/runs/not-started'))
const AttemptsTab = part(() => import('@/features/runs/attempts-tab'))

/** Where a run stands that waits for a person, or has to be explained. */
const needsWords = new Set<Status>([
  'awaiting_plan',
  'awaiting_answer',
  'awaiting_budget',
  'awaiting_delivery',
  'failed',
  'needs_human',
])

type TabName = NonNullable<TaskSearch['tab']>

/** What stands behind each tab. */
const parts: Record<TabName, Pick<Part<never>, 'ahead' | 'isHere'>> = {
  activity: ActivityTab,
  plan: PlanTab,
  changes: ChangesTab,
  checks: ChecksTab,
  attempts: AttemptsTab,
}
const near = (tab: TabName): void => void parts[tab].ahead()

export default function TaskPage() {
  const { taskId } = useParams({ from: '/shell/tasks/$taskId' })
  const search = useSearch({ from: '/shell/tasks/$taskId' })
  // While the task is asked for, so that its first tab is there with it.
  useEffect(() => near(search.tab ?? 'activity'), [search.tab])
  const task = useQuery(getTaskOptions({ path: { id: taskId } }))
  const runs = useQuery(runsOf(taskId))
  // An attempt among several is a run that its task does not list.
  const listed = runs.data?.items.some(({ id }) => id === search.run)
  const other = useQuery({
    ...getRunOptions({ path: { id: search.run ?? '' } }),
    enabled: search.run !== undefined && listed === false,
  })
  const looking = search.run !== undefined && listed === false && other.isPending
  const failed = (task.isLoadingError && task.error) || (runs.isLoadingError && runs.error)
  if (failed)
    return (
      <>
        <PageHeader title="Task" />
        <ProblemCard
          error={failed}
          retry={() => void Promise.all([task.refetch(), runs.refetch()])}
          action={
            <Link to="/tasks" className={buttonVariants({ size: 'sm' })}>
              All tasks
            </Link>
          }
        />
      </>
    )
  if (!task.data || !runs.data || looking)
    return (
      <>
        <div className="flex flex-col gap-3 p-4 lg:px-6">
          <h1 className="sr-only">Task</h1>
          <Skeleton className="h-6 w-96 max-w-full" />
          <Skeleton className="h-5 w-64" />
        </div>
        <SkeletonRows label="Loading the task" />
      </>
    )
  const items = runs.data.items
  const run =
    (listed === false && other.data?.task.id === taskId ? other.data : undefined) ??
    items.find(({ id }) => id === search.run) ??
    items.find(({ id }) => id === task.data.latest_run?.id) ??
    items[0]
  if (!run)
    return (
      <>
        <PageHeader
          title={task.data.title}
          lead={`${task.data.repository.name}, by ${task.data.created_by.name}`}
          snug
          actions={<TaskActions task={task.data} />}
        />
        <WhenHere part={NotStarted} fallback={<SkeletonRows />}>
          <NotStarted task={task.data} />
        </WhenHere>
      </>
    )
  return <TaskView key={run.id} task={task.data} runs={items} run={run} search={search} />
}

function TaskView({ task, runs, run, search }: { task: Task; runs: Run[]; run: Run; search: TaskSearch }) {
  const navigate = useNavigate({ from: '/tasks/$taskId' })
  const change = useCallback(
    (next: TaskSearch) => void navigate({ search: (before: TaskSearch) => ({ ...before, ...next }), replace: true }),
    [navigate],
  )
  // A tab is a place one can come back to; what is typed into a filter is not.
  const open = (tab: TabName, file?: string, line?: number) =>
    void navigate({
      search: (before: TaskSearch) => ({ run: before.run, tab: tab === 'activity' ? undefined : tab, file, line }),
    })
  const tab = search.tab ?? 'activity'
  const tabs: Tab<TabName>[] = [
    { value: 'activity', label: 'Activity' },
    { value: 'plan', label: 'Plan' },
    { value: 'changes', label: 'Changes' },
    { value: 'checks', label: 'Checks' },
    { value: 'attempts', label: 'Attempts', badge: runs.length > 1 ? runs.length : undefined },
  ]
  return (
    <>
      <TaskHeader task={task} run={run} runs={runs} actions={<TaskActions task={task} />}>
        {needsWords.has(run.status) && !(tab === 'plan' && run.status === 'awaiting_plan') && (
          <WhenHere part={WaitingBanner} fallback={<div aria-hidden className="h-12 rounded-md bg-surface-2" />}>
            <WaitingBanner run={run} onPlan={() => open('plan')} onChecks={() => open('checks')} />
          </WhenHere>
        )}
      </TaskHeader>
      <Tabs label="Parts of the task" value={tab} tabs={tabs} onNear={near} onChange={(next) => open(next)}>
        <WhenHere part={parts[tab]} fallback={<SkeletonRows />}>
          {tab === 'activity' && <ActivityTab run={run} search={search} onSearch={change} />}
          {tab === 'plan' && <PlanTab run={run} />}
          {tab === 'changes' && (
            <ChangesTab
              run={run}
              file={search.file}
              line={search.line}
              onFile={(file) => change({ file, line: undefined })}
            />
          )}
          {tab === 'checks' && <ChecksTab run={run} onFile={(file, line) => open('changes', file, line)} />}
          {tab === 'attempts' && (
            <AttemptsTab
              runs={runs}
              current={run.id}
              taskId={task.id}
              beside={search.with}
              onBeside={(other) => change({ with: other })}
            />
          )}
        </WhenHere>
      </Tabs>
      <Suspense>
        {search.agent && <AgentDrawer id={search.agent} onClose={() => change({ agent: undefined })} />}
      </Suspense>
    </>
  )
}
