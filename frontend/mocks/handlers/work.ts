import type {
  BulkAnswer,
  BulkChange,
  NewTask,
  Status,
  Task,
  TaskPage,
  TaskUpdate,
} from '../../src/api/generated/types.gen'
import { attemptOf, type Db, move, now, taskOf } from '../db'
import { Refusal, type Routes } from '../http'
import { newAttempt, newTask } from '../seed'
import { coding, type Pace, planning } from '../story'
import { theRepository } from './repositories'
import { inList } from './runs'

const base = '/api/v1'

const gone = (what: string) => new Refusal(404, 'Not Found', { detail: `there is no such ${what}` })

function theTask(db: Db, id: string | undefined): Task {
  const task = taskOf(db, id ?? '')
  if (!task) throw gone('task')
  return task
}

/** Some items of a list, and where it goes on. */
export function pageOf<T extends { id: string }>(
  all: T[],
  query: URLSearchParams,
): { items: T[]; next_cursor?: string } {
  const limit = Number(query.get('limit') ?? 50)
  const from = all.findIndex(({ id }) => id === query.get('cursor')) + 1
  const items = all.slice(from, from + limit)
  const last = items.at(-1)
  return { items, ...(last && from + limit < all.length ? { next_cursor: last.id } : {}) }
}

/** Tasks. */
export function work(routes: Routes, db: () => Db, pace: Pace): void {
  const begin = (task: Task) => {
    const attempt = newAttempt(db(), task)
    move(db(), attempt, 'queued')
    setTimeout(() => (task.options.mode === 'no_plan' ? coding : planning)(db(), attempt, pace), pace.beat / 2)
    return attempt.run
  }
  routes
    .on(`GET ${base}/tasks`, ({ query }): TaskPage => {
      const states = query.getAll('status') as Status[]
      const q = query.get('q')?.toLowerCase()
      const repository = query.get('repository_id')
      const fits = (task: Task) =>
        (states.length === 0 || states.includes(task.status)) &&
        (!query.get('created_by') || task.created_by.id === query.get('created_by')) &&
        (!repository || task.repository.id === repository) &&
        (!q || `${task.title} ${task.description}`.toLowerCase().includes(q)) &&
        Boolean(task.archived_at) === (query.get('archived') === 'true')
      return pageOf(db().tasks.filter(fits), query)
    })
    .on(`POST ${base}/tasks`, async ({ json }): Promise<Task> => {
      const body = await json<NewTask>()
      if (body.title.includes('refuse'))
        throw new Refusal(422, 'Unprocessable Entity', {
          errors: [{ path: '/title', message: 'this title is refused by the mock' }],
        })
      const task = newTask(db(), theRepository(db(), body.repository_id), body.title, 0, {
        description: body.description ?? '',
        budget_usd_micros: body.budget_usd_micros ?? 10_000_000,
      })
      Object.assign(task.options, body.options)
      task.depends_on = (body.depends_on ?? []).map((id) => {
        const { status } = theTask(db(), id)
        return { task_id: id, status, succeeded: status === 'succeeded' }
      })
      if (task.depends_on.some(({ succeeded }) => !succeeded)) move(db(), newAttempt(db(), task), 'waiting_for_tasks')
      else begin(task)
      return task
    })
    .on(`POST ${base}/tasks/bulk`, async ({ json }): Promise<Response> => {
      const { ids, action } = await json<BulkChange>()
      const items = ids.map((id) => {
        const task = theTask(db(), id)
        const attempt = attemptOf(db(), task.latest_run?.id ?? '')
        if (action === 'archive') task.archived_at = now()
        else if (action === 'restore') delete task.archived_at
        else if (action === 'delete') return { id, ok: false, error: 'it has run' }
        else if (action === 'cancel' && attempt && !attempt.run.ended_at) move(db(), attempt, 'canceled')
        else if (action === 'retry' && attempt?.run.ended_at) coding(db(), attempt, pace)
        else return { id, ok: false, error: action === 'cancel' ? 'the run has ended' : 'the run has not ended' }
        return { id, ok: true }
      })
      return Response.json({ items } satisfies BulkAnswer)
    })
    .on(`GET ${base}/tasks/{id}`, ({ path }) => theTask(db(), path.id))
    .on(`PATCH ${base}/tasks/{id}`, async ({ path, json }) => {
      const { archived, depends_on, ...rest } = await json<TaskUpdate>()
      const task = Object.assign(theTask(db(), path.id), rest, { updated_at: now() })
      if (depends_on) {
        task.depends_on = task.depends_on.filter(({ task_id }) => depends_on.includes(task_id))
        const attempt = attemptOf(db(), task.latest_run?.id ?? '')
        if (attempt?.run.status === 'waiting_for_tasks' && task.depends_on.every(({ succeeded }) => succeeded))
          planning(db(), attempt, pace)
      }
      if (archived) task.archived_at = now()
      return task
    })
    .on(`DELETE ${base}/tasks/{id}`, ({ path }) => {
      db().tasks = db().tasks.filter(({ id }) => id !== path.id)
    })
    .on(`GET ${base}/tasks/{id}/runs`, ({ path }) => ({
      items: db()
        .attempts.filter(({ run }) => run.task.id === theTask(db(), path.id).id && !run.attempt_of)
        .map(({ run }) => inList(run)),
    }))
    .on(`POST ${base}/tasks/{id}/runs`, ({ path }) => begin(theTask(db(), path.id)))
}
