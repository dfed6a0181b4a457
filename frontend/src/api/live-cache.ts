/** Where the stream touches the cache: what it names is patched where it is known, and read anew. */

import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { getTaskQueryKey } from './generated/@tanstack/react-query.gen'
import type { Frame, Task, TaskPage } from './generated/types.gen'

/** Many changes within this time are one reading. */
const GATHER = 400

/** Lists that a change of any task may concern. */
const LISTS = ['listTasks', 'getOverview', 'listApprovals', 'listRuns']
/** What is shown of one run. */
const OF_RUN = ['getRun', 'listSteps', 'listPlans', 'getDiff', 'getChecks', 'listReviews']

interface Key {
  _id: string
  path?: { id?: string }
}
const named = (key: readonly unknown[]) => key[0] as Key | undefined

function patch(cache: QueryClient, id: string, change: Partial<Task>) {
  cache.setQueryData<Task>(getTaskQueryKey({ path: { id } }), (task) => task && { ...task, ...change })
  const one = (task: Task) => (task.id === id ? { ...task, ...change } : task)
  const onPage = (page: TaskPage): TaskPage => ({ ...page, items: page.items.map(one) })
  cache.setQueriesData<TaskPage | InfiniteData<TaskPage>>(
    { predicate: ({ queryKey }) => named(queryKey)?._id === 'listTasks' },
    (data) => {
      if (!data) return data
      return 'pages' in data ? { ...data, pages: data.pages.map(onPage) } : onPage(data)
    },
  )
}

/** A listener for frames that keeps the cache true. */
export function cacheKeeper(cache: QueryClient): (frame: Frame) => void {
  const tasks = new Set<string>()
  const runs = new Set<string>()
  let notices = false
  let all = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const read = () => {
    timer = undefined
    void cache
      .invalidateQueries({
        predicate: ({ queryKey }) => {
          const key = named(queryKey)
          if (!key || all) return all
          if (tasks.size > 0 && LISTS.includes(key._id)) return true
          if (key._id === 'listNotifications') return notices
          if (key._id === 'getTask' || key._id === 'listTaskRuns') return tasks.has(key.path?.id ?? '')
          return OF_RUN.includes(key._id) && runs.has(key.path?.id ?? '')
        },
      })
      .then(() => {})
    tasks.clear()
    runs.clear()
    notices = all = false
  }

  return (frame) => {
    switch (frame.type) {
      case 'run_event':
        // Words and tool calls change nothing that is shown elsewhere.
        if (['message', 'tool_call', 'tool_result', 'log'].includes(frame.event.type)) return
        runs.add(frame.event.run_id)
        break
      case 'task_changed':
        tasks.add(frame.task_id)
        if (frame.run_id) runs.add(frame.run_id)
        if (frame.status) patch(cache, frame.task_id, { status: frame.status })
        break
      case 'notification':
        notices = true
        break
      case 'reset':
        all = true
    }
    if (timer === undefined) timer = setTimeout(read, GATHER)
  }
}
