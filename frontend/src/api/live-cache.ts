/** Where the stream touches the cache: what it names is patched where it is known, and read anew. */

import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { getRunQueryKey, getTaskQueryKey, listTaskRunsQueryKey } from './generated/@tanstack/react-query.gen'
import type { Frame, Notification, NotificationPage, Run, RunPage, Status, Task, TaskPage } from './generated/types.gen'
import { live } from './live'

/** Many changes within this time are one reading. */
const GATHER = 400
/** What grows with every turn, such as cost, is read at most this often. */
const GROWING = 2000
/** In lists, at most this often: they are long, and what grows there is looked at in passing. */
const GROWING_LISTS = 10_000

/** Lists that a change of any run may concern. */
const LISTS = [
  'listTasks',
  'listApprovals',
  'listRuns',
  'getOverview',
  'getMetricsSummary',
  'getMetricsSeries',
  'getMetricsBreakdown',
  'listPullRequests',
]
/** What is shown of one task, and of one run. */
const OF_TASK = ['getTask', 'listTaskRuns']
/** What notifications change. */
const BELL = ['listNotifications']
const OF_RUN = [
  'getRun',
  'listSteps',
  'listPlans',
  'getDiff',
  'getFileDiff',
  'getChecks',
  'listReviews',
  'listArtifacts',
]

/** What is shown of one agent, which grows with each of its turns. */
const OF_AGENT = ['getAgentRun', 'getTranscript', 'listModelCalls', 'listToolCalls']

interface Key {
  _id?: string
  path?: { id?: string }
  pages?: boolean
}
const named = (key: readonly unknown[]) => key[0] as Key | undefined

/** Shows a new status before it was asked for. */
function patch(cache: QueryClient, runId: string, taskId: string, status: Status) {
  const ofTask = (task: Task): Task =>
    task.id === taskId && task.latest_run?.id === runId ? { ...task, status } : task
  const ofPage = (page: TaskPage): TaskPage => ({ ...page, items: page.items.map(ofTask) })
  cache.setQueryData<Run>(getRunQueryKey({ path: { id: runId } }), (run) => run && { ...run, status })
  cache.setQueryData<RunPage>(
    listTaskRunsQueryKey({ path: { id: taskId } }),
    (list) => list && { items: list.items.map((run) => (run.id === runId ? { ...run, status } : run)) },
  )
  cache.setQueryData<Task>(getTaskQueryKey({ path: { id: taskId } }), (task) => task && ofTask(task))
  cache.setQueriesData<TaskPage | InfiniteData<TaskPage>>(
    { predicate: ({ queryKey }) => named(queryKey)?._id === 'listTasks' },
    (data) => {
      if (!data) return data
      return 'pages' in data ? { ...data, pages: data.pages.map(ofPage) } : ofPage(data)
    },
  )
}

/** Reads anew what a line that was away may have missed. After a short while that is only what every page shows: what
 *  is shown of one task was asked for when it was opened. */
export function caughtUp(cache: QueryClient, short: boolean): void {
  const missed = new Set([...LISTS, ...BELL, ...(short ? [] : [...OF_TASK, ...OF_RUN])])
  void cache.invalidateQueries({ predicate: ({ queryKey }) => missed.has(named(queryKey)?._id ?? '') })
}

/** A listener for frames that keeps the cache true. */
export function cacheKeeper(cache: QueryClient): (frame: Frame) => void {
  const statuses = new Map<string, Status>()
  const tasks = new Set<string>()
  const runs = new Set<string>()
  const working = new Set<string>()
  let all = false
  /** An agent of the run that is followed has said or done something. */
  let spoken = false
  const timers: Partial<Record<'soon' | 'later' | 'lists', ReturnType<typeof setTimeout>>> = {}

  const read = () => {
    delete timers.soon
    const [everything, ofTasks, ofRuns] = [all, new Set(tasks), new Set(runs)]
    void cache.invalidateQueries({
      predicate: ({ queryKey, state }) => {
        const { _id = '', path } = named(queryKey) ?? {}
        if (everything) return true
        if (ofTasks.size > 0 && LISTS.includes(_id)) return true
        // A run that makes attempts tells of them, and each of those is a run of its own.
        if (_id === 'getRun' && ofTasks.has((state.data as Run | undefined)?.task.id ?? '')) return true
        if (OF_TASK.includes(_id)) return ofTasks.has(path?.id ?? '')
        // What an agent is called does not tell its run; only one that is looked at is shown.
        if (OF_AGENT.includes(_id)) return ofRuns.size > 0
        return OF_RUN.includes(_id) && ofRuns.has(path?.id ?? '')
      },
    })
    tasks.clear()
    runs.clear()
    all = false
  }
  const soon = () => {
    timers.soon ??= setTimeout(read, GATHER)
  }
  /** What runs at work cost, and how far their agents are. */
  const readGrowing = () => {
    delete timers.later
    const [ids, ofAgents] = [new Set(working), spoken]
    void cache.invalidateQueries({
      predicate: ({ queryKey, state }) => {
        const { _id = '', path } = named(queryKey) ?? {}
        if (_id === 'getOverview') return true
        if (OF_AGENT.includes(_id)) return ofAgents
        if (_id === 'listSteps') return ids.has(path?.id ?? '')
        if (_id === 'listTaskRuns')
          return (state.data as RunPage | undefined)?.items.some(({ id }) => ids.has(id)) ?? false
        return _id === 'getTask' && ids.has((state.data as Task | undefined)?.latest_run?.id ?? '')
      },
    })
    working.clear()
    spoken = false
  }
  /** Who is at work, and for how much. */
  const readLists = () => {
    delete timers.lists
    void cache.invalidateQueries({
      predicate: ({ queryKey }) => ['listTasks', 'listRuns'].includes(named(queryKey)?._id ?? ''),
    })
  }
  const grows = (runId: string) => {
    working.add(runId)
    timers.lists ??= setTimeout(readLists, GROWING_LISTS)
    timers.later ??= setTimeout(readGrowing, GROWING)
  }

  /** The badge counts at once; the list is read when somebody looks at it. */
  const hear = (notification: Notification) => {
    cache.setQueriesData<NotificationPage>(
      { predicate: ({ queryKey }) => named(queryKey)?._id === 'listNotifications' && !named(queryKey)?.pages },
      (page) =>
        page && !page.items.some(({ id }) => id === notification.id)
          ? { ...page, items: [notification, ...page.items], unread: page.unread + 1 }
          : page,
    )
    void cache.invalidateQueries({ predicate: ({ queryKey }) => named(queryKey)?._id === 'listNotifications' })
  }

  return (frame) => {
    switch (frame.type) {
      case 'run_event':
        spoken ||= frame.event.type === 'model_call' || frame.event.type === 'tool_call'
        if (frame.event.type === 'model_call') return grows(frame.event.run_id)
        // Steps and decisions change what is shown elsewhere; words and tools do not.
        if (frame.event.type !== 'step' && frame.event.type !== 'decision') return
        runs.add(frame.event.run_id)
        return soon()
      case 'run_changed':
        // A run moves with every act; lists only show where it stands.
        if (statuses.get(frame.run_id) === frame.status) return grows(frame.run_id)
        statuses.set(frame.run_id, frame.status)
        tasks.add(frame.task_id)
        runs.add(frame.run_id)
        patch(cache, frame.run_id, frame.task_id, frame.status)
        return soon()
      case 'reset':
        all = true
        live.restart()
        return soon()
      case 'notification':
        return hear(frame.notification)
      case 'end':
        return
    }
  }
}
