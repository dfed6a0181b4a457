/** Where the stream touches the cache: what it names is patched where it is known, and read anew. */

import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { getRunQueryKey, getTaskQueryKey } from './generated/@tanstack/react-query.gen'
import type { Frame, Run, Status, Task, TaskPage } from './generated/types.gen'
import { live } from './live'

/** Many changes within this time are one reading. */
const GATHER = 400

/** Lists that a change of any run may concern. */
const LISTS = ['listTasks', 'listApprovals', 'listRuns']
/** What is shown of one task, and of one run. */
const OF_TASK = ['getTask', 'listTaskRuns']
const OF_RUN = ['getRun', 'listSteps', 'listPlans', 'getDiff', 'getFileDiff', 'getChecks']

interface Key {
  _id?: string
  path?: { id?: string }
}
const named = (key: readonly unknown[]) => key[0] as Key | undefined

/** Shows a new status before it was asked for. */
function patch(cache: QueryClient, runId: string, taskId: string, status: Status) {
  const ofTask = (task: Task): Task =>
    task.id === taskId && task.latest_run?.id === runId ? { ...task, status } : task
  const ofPage = (page: TaskPage): TaskPage => ({ ...page, items: page.items.map(ofTask) })
  cache.setQueryData<Run>(getRunQueryKey({ path: { id: runId } }), (run) => run && { ...run, status })
  cache.setQueryData<Task>(getTaskQueryKey({ path: { id: taskId } }), (task) => task && ofTask(task))
  cache.setQueriesData<TaskPage | InfiniteData<TaskPage>>(
    { predicate: ({ queryKey }) => named(queryKey)?._id === 'listTasks' },
    (data) => {
      if (!data) return data
      return 'pages' in data ? { ...data, pages: data.pages.map(ofPage) } : ofPage(data)
    },
  )
}

/** A listener for frames that keeps the cache true. */
export function cacheKeeper(cache: QueryClient): (frame: Frame) => void {
  const tasks = new Set<string>()
  const runs = new Set<string>()
  let all = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const read = () => {
    timer = undefined
    void cache.invalidateQueries({
      predicate: ({ queryKey }) => {
        const { _id = '', path } = named(queryKey) ?? {}
        if (all) return true
        if (tasks.size > 0 && LISTS.includes(_id)) return true
        if (OF_TASK.includes(_id)) return tasks.has(path?.id ?? '')
        return OF_RUN.includes(_id) && runs.has(path?.id ?? '')
      },
    })
    tasks.clear()
    runs.clear()
    all = false
  }

  return (frame) => {
    switch (frame.type) {
      case 'run_event':
        // Steps and decisions change what is shown elsewhere; words and tools do not.
        if (frame.event.type !== 'step' && frame.event.type !== 'decision') return
        runs.add(frame.event.run_id)
        break
      case 'run_changed':
        tasks.add(frame.task_id)
        runs.add(frame.run_id)
        patch(cache, frame.run_id, frame.task_id, frame.status)
        break
      case 'reset':
        all = true
        live.restart()
        break
      case 'end':
        return
    }
    if (timer === undefined) timer = setTimeout(read, GATHER)
  }
}
