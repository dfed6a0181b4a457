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

/** In the order that was asked for; as they are, newest first, when nothing was said. */
function inOrder(tasks: Task[], sort: string | null): Task[] {
  if (!sort || sort === '-created') return tasks
  const field = sort.endsWith('updated') ? 'updated_at' : 'created_at'
  // Of two at the same moment, the one that was made first.
  const up = [...tasks].reverse().sort((a, b) => a[field].localeCompare(b[field]))
  return sort.startsWith('-') ? up.reverse() : up
}

/** How often a task was changed by people: what its runs do is no change of it. */
const changes = new WeakMap<Task, number>()
const tagOf = (task: Task) => `"${changes.get(task) ?? 0}"`
const tagged = (task: Task) => Response.json(task, { headers: { etag: tagOf(task) } })

/** Tasks. */
export function work(routes: Routes, db: () => Db, pace: Pace): void {
  const begin = (task: Task, attempts = task.options.attempts) => {
    const attempt = newAttempt(db(), task)
    if (attempts > 1) attempt.run.attempts = []
    move(db(), attempt, 'queued')
    setTimeout(() => (task.options.mode === 'no_plan' ? coding : planning)(db(), attempt, pace), pace.beat / 2)
    return attempt.run
  }
  routes
    .on(`GET ${base}/tasks`, ({ query }): TaskPage => {
      const states = query.getAll('status') as Status[]
      const q = query.get('q')?.toLowerCase()
      const repository = query.get('repository_id')
      const by = query.get('created_by') === 'me' ? db().me.id : query.get('created_by')
      const fits = (task: Task) =>
        (states.length === 0 || states.includes(task.status)) &&
        (!by || task.created_by.id === by) &&
        (!repository || task.repository.id === repository) &&
        (!q || `${task.title} ${task.description}`.toLowerCase().includes(q)) &&
        Boolean(task.archived_at) === (query.get('archived') === 'true')
      return pageOf(inOrder(db().tasks.filter(fits), query.get('sort')), query)
    })
    .on(`POST ${base}/tasks`, async ({ json }): Promise<Task> => {
      const body = await json<NewTask>()
      if (body.title.includes('refuse'))
        throw new Refusal(422, 'Unprocessable Entity', {
          errors: [{ path: '/title', message: 'this title is refused by the mock' }],
        })
      const models = Object.entries(body.options?.models ?? {})
      const wrong = models.filter(([, model]) => model.includes('refuse'))
      if (wrong.length > 0)
        throw new Refusal(422, 'Unprocessable Entity', {
          errors: wrong.map(([role]) => ({ path: `/options/models/${role}`, message: 'there is no such model' })),
        })
      const task = newTask(db(), theRepository(db(), body.repository_id), body.title, 0, {
        description: body.description ?? '',
        budget_usd_micros: body.budget_usd_micros ?? 10_000_000,
      })
      Object.assign(task.options, body.options)
      if (body.base_branch) task.base_branch = body.base_branch
      task.depends_on = (body.depends_on ?? []).map((id) => {
        const { status } = theTask(db(), id)
        return { task_id: id, status, succeeded: status === 'succeeded' }
      })
      if (body.start === false) return task
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
        else if (action === 'delete' && task.attempts === 0) db().tasks = db().tasks.filter((one) => one !== task)
        else if (action === 'delete') return { id, ok: false, error: 'this task has runs; archive it instead' }
        else if (action === 'cancel' && attempt && !attempt.run.ended_at) move(db(), attempt, 'canceled')
        else if (action === 'retry' && attempt?.run.ended_at) coding(db(), attempt, pace)
        else return { id, ok: false, error: action === 'cancel' ? 'the run has ended' : 'the run has not ended' }
        return { id, ok: true }
      })
      return Response.json({ items } satisfies BulkAnswer)
    })
    .on(`GET ${base}/tasks/{id}`, ({ path }) => tagged(theTask(db(), path.id)))
    .on(`PATCH ${base}/tasks/{id}`, async ({ path, json, request }) => {
      const { archived, depends_on, ...rest } = await json<TaskUpdate>()
      const task = theTask(db(), path.id)
      const seen = request.headers.get('if-match')
      if (seen && seen !== tagOf(task))
        throw new Refusal(412, 'Precondition Failed', { detail: 'it was changed since it was read' })
      if (rest.title?.includes('refuse'))
        throw new Refusal(422, 'Unprocessable Entity', {
          errors: [{ path: '/title', message: 'this title is refused by the mock' }],
        })
      Object.assign(task, rest, { updated_at: now() })
      changes.set(task, (changes.get(task) ?? 0) + 1)
      if (depends_on) {
        task.depends_on = task.depends_on.filter(({ task_id }) => depends_on.includes(task_id))
        const attempt = attemptOf(db(), task.latest_run?.id ?? '')
        if (attempt?.run.status === 'waiting_for_tasks' && task.depends_on.every(({ succeeded }) => succeeded))
          planning(db(), attempt, pace)
      }
      if (archived) task.archived_at = now()
      if (archived === false) delete task.archived_at
      return tagged(task)
    })
    .on(`DELETE ${base}/tasks/{id}`, ({ path }) => {
      if (theTask(db(), path.id).attempts > 0)
        throw new Refusal(409, 'Conflict', { detail: 'this task has runs, and what they did is kept' })
      db().tasks = db().tasks.filter(({ id }) => id !== path.id)
    })
    .on(`GET ${base}/tasks/{id}/runs`, ({ path }) => ({
      items: db()
        .attempts.filter(({ run }) => run.task.id === theTask(db(), path.id).id && !run.attempt_of)
        .map(({ run }) => inList(run)),
    }))
    .on(`POST ${base}/tasks/{id}/runs`, ({ path, query }) =>
      begin(theTask(db(), path.id), Number(query.get('attempts')) || undefined),
    )
}
