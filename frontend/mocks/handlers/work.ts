import type {
  BulkAnswer,
  BulkChange,
  NewRepository,
  NewTask,
  Repository,
  RepositoryUpdate,
  Status,
  Task,
  TaskPage,
  TaskUpdate,
} from '../../src/api/generated/types.gen'
import { attemptOf, type Db, move, now, taskOf } from '../db'
import { Refusal, type Routes } from '../http'
import { newAttempt, newRepository, newTask } from '../seed'
import { coding, type Pace, planning } from '../story'

const base = '/api/v1'

const gone = (what: string) => new Refusal(404, 'Not Found', { detail: `there is no such ${what}` })

function theTask(db: Db, id: string | undefined): Task {
  const task = taskOf(db, id ?? '')
  if (!task) throw gone('task')
  return task
}

function theRepository(db: Db, id: string | undefined): Repository {
  const repository = db.repositories.find((one) => one.id === id)
  if (!repository) throw gone('repository')
  return repository
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

/** Repositories and tasks. */
export function work(routes: Routes, db: () => Db, pace: Pace): void {
  const begin = (task: Task) => {
    const attempt = newAttempt(db(), task)
    move(db(), attempt, 'queued')
    setTimeout(() => (task.options.mode === 'no_plan' ? coding : planning)(db(), attempt, pace), pace.beat / 2)
    return attempt.run
  }
  routes
    .on(`GET ${base}/repositories`, ({ query }) => {
      const q = query.get('q')?.toLowerCase() ?? ''
      return pageOf(
        db().repositories.filter(({ name }) => name.toLowerCase().includes(q)),
        query,
      )
    })
    .on(`POST ${base}/repositories`, async ({ json }): Promise<Repository> => {
      const body = await json<NewRepository>()
      if (!/^(https?:|git@|ssh:|\/)/.test(body.url))
        throw new Refusal(422, 'Unprocessable Entity', {
          errors: [{ path: '/url', message: 'is not an address that git understands' }],
        })
      return newRepository(
        db(),
        body.name ??
          body.url
            .replace(/\.git$/, '')
            .split('/')
            .slice(-2)
            .join('/'),
        body.url,
      )
    })
    .on(
      `POST ${base}/repositories/sample`,
      (): Repository => newRepository(db(), 'sample/inventory', '/samples/python-inventory', { forge: 'local' }),
    )
    .on(`GET ${base}/repositories/{id}`, ({ path }) => theRepository(db(), path.id))
    .on(`PATCH ${base}/repositories/{id}`, async ({ path, json }) => {
      const { instructions, ...rest } = await json<RepositoryUpdate>()
      return Object.assign(theRepository(db(), path.id), rest, {
        updated_at: now(),
        profile: instructions ? { instructions } : {},
      })
    })
    .on(`DELETE ${base}/repositories/{id}`, ({ path }) => {
      db().repositories = db().repositories.filter(({ id }) => id !== path.id)
    })
    .on(`POST ${base}/repositories/{id}/sync`, ({ path }) => {
      const repository = theRepository(db(), path.id)
      if (repository.sync_error) throw new Refusal(502, 'Bad Gateway', { detail: repository.sync_error })
      return Object.assign(repository, { synced_at: now() })
    })
    .on(`GET ${base}/repositories/{id}/branches`, ({ path }) => ({
      items: ['main', 'next'].map((name) => ({ name, commit: theRepository(db(), path.id).head_commit ?? '' })),
    }))
    .on(`GET ${base}/tasks`, ({ query }): TaskPage => {
      const states = query.getAll('status') as Status[]
      const q = query.get('q')?.toLowerCase()
      const repository = query.get('repository_id')
      const fits = (task: Task) =>
        (states.length === 0 || states.includes(task.status)) &&
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
      begin(task)
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
      const { archived, ...rest } = await json<TaskUpdate>()
      const task = Object.assign(theTask(db(), path.id), rest, { updated_at: now() })
      if (archived) task.archived_at = now()
      return task
    })
    .on(`DELETE ${base}/tasks/{id}`, ({ path }) => {
      db().tasks = db().tasks.filter(({ id }) => id !== path.id)
    })
    .on(`GET ${base}/tasks/{id}/runs`, ({ path }) => ({
      items: db()
        .attempts.filter(({ run }) => run.task.id === theTask(db(), path.id).id)
        .map(({ run }) => run),
    }))
    .on(`POST ${base}/tasks/{id}/runs`, ({ path }) => begin(theTask(db(), path.id)))
}
