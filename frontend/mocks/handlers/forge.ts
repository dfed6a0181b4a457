import type {
  NewRepositorySecret,
  PullRequest,
  PullRequestPage,
  PullRequestRef,
  RepositorySecretList,
  Run,
} from '../../src/api/generated/types.gen'
import { attemptOf, type Db, newId, now, taskOf } from '../db'
import { Refusal, type Routes } from '../http'
import { theRepository } from './repositories'
import { pageOf } from './work'

const base = '/api/v1'

const refOf = ({ id, number, url, state, draft }: PullRequest): PullRequestRef => ({ id, number, url, state, draft })

/** Says at the run and at its task which pull request offers it. */
function show(db: Db, pull: PullRequest): void {
  const run = attemptOf(db, pull.run_id)?.run
  if (!run) return
  run.pull_request = refOf(pull)
  const latest = taskOf(db, run.task.id)?.latest_run
  if (latest?.id === run.id) latest.pull_request = refOf(pull)
}

/** A pull request for what a run has delivered. */
export function offer(db: Db, run: Run, more: Partial<PullRequest> = {}): PullRequest {
  const number = 41 + db.pulls.length
  const pull: PullRequest = {
    id: newId('pr'),
    number,
    url: `https://github.com/${run.repository.name}/pull/${number}`,
    title: run.task.title,
    state: 'open',
    draft: false,
    head_branch: run.branch ?? 'codegraph/work',
    base_branch: 'main',
    head_commit: run.commit ?? '4f2a9c1d7e',
    repository: run.repository,
    task: run.task,
    run_id: run.id,
    created_at: now(),
    ...more,
  }
  db.pulls.unshift(pull)
  show(db, pull)
  return pull
}

/** What the server of a repository is shown, and what it is offered. */
export function forge(routes: Routes, db: () => Db): void {
  const thePull = (id: string | undefined) => {
    const pull = db().pulls.find((one) => one.id === id)
    if (!pull) throw new Refusal(404, 'Not Found', { detail: 'there is no such pull request' })
    return pull
  }
  routes
    .on(`GET ${base}/pull-requests`, ({ query }): PullRequestPage => {
      const [state, repository] = [query.get('state'), query.get('repository_id')]
      const fits = (pull: PullRequest) =>
        (!state || pull.state === state) && (!repository || pull.repository.id === repository)
      return pageOf(db().pulls.filter(fits), query)
    })
    .on(`GET ${base}/pull-requests/{id}`, ({ path }) => thePull(path.id))
    .on(`POST ${base}/pull-requests/{id}/sync`, ({ path }) => {
      const pull = thePull(path.id)
      Object.assign(pull, { checks: 'success', checks_total: 4, checks_failed: 0, mergeable: true, synced_at: now() })
      show(db(), pull)
      return Response.json(pull)
    })
    .on(`POST ${base}/runs/{id}/pull-request`, ({ path }) => {
      const run = attemptOf(db(), path.id ?? '')?.run
      if (!run?.branch) throw new Refusal(409, 'Conflict', { detail: 'the run has delivered no branch' })
      if (!db().secrets.some(({ repository }) => repository === run.repository.id))
        throw new Refusal(409, 'Conflict', {
          detail: 'there is no token for this repository: set the secret GITHUB_TOKEN in its settings',
        })
      return offer(db(), run)
    })
    .on(`GET ${base}/repositories/{id}/secrets`, ({ path }): RepositorySecretList => {
      const { id } = theRepository(db(), path.id)
      if (db().me.role === 'viewer') throw new Refusal(403, 'Forbidden', { detail: 'only who owns it may do this' })
      const items = db().secrets.filter(({ repository }) => repository === id)
      return { items: items.map(({ secret }) => secret).sort((a, b) => a.name.localeCompare(b.name)) }
    })
    .on(`PUT ${base}/repositories/{id}/secrets/{name}`, async ({ path, json }) => {
      const { id } = theRepository(db(), path.id)
      const { value } = await json<NewRepositorySecret>()
      if (path.name === 'GITHUB_TOKEN' && /\s/.test(value))
        throw new Refusal(422, 'Unprocessable Entity', {
          errors: [{ path: '/value', message: 'a token has no spaces and no line breaks' }],
        })
      const old = db().secrets.find(({ repository, secret }) => repository === id && secret.name === path.name)
      const by = { id: db().me.id, name: db().me.name }
      if (old) Object.assign(old.secret, { updated_at: now(), updated_by: by })
      else
        db().secrets.push({
          repository: id,
          secret: { name: path.name ?? '', created_at: now(), updated_at: now(), updated_by: by },
        })
    })
    .on(`DELETE ${base}/repositories/{id}/secrets/{name}`, ({ path }) => {
      db().secrets = db().secrets.filter(
        ({ repository, secret }) => repository !== path.id || secret.name !== path.name,
      )
    })
}
