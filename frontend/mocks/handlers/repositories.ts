import type {
  NewRepositoryWritable,
  ProfileDetail,
  ProfileUpdate,
  Repository,
  RepositoryUpdate,
} from '../../src/api/generated/types.gen'
import { discovered } from '../contents'
import { type Db, now } from '../db'
import { Refusal, type Routes } from '../http'
import { newRepository } from '../seed'
import { pageOf } from './work'

const base = '/api/v1/repositories'

export function theRepository(db: Db, id: string | undefined): Repository {
  const repository = db.repositories.find((one) => one.id === id)
  if (!repository) throw new Refusal(404, 'Not Found', { detail: 'there is no such repository' })
  return repository
}

/** A repository that is here with its files. */
export function theContent(db: Db, id: string | undefined): Repository {
  const repository = theRepository(db, id)
  if (repository.pending_since)
    throw new Refusal(404, 'Not Found', {
      detail: 'there is no such content (this repository has not been fetched yet)',
    })
  return repository
}

/** Its first fetch goes on. */
export function linger(repository: Repository): void {
  repository.pending_since = now()
  delete repository.synced_at
  delete repository.head_commit
}

/** Its first fetch ends. */
export function arrive(repository: Repository): void {
  delete repository.pending_since
  Object.assign(repository, { synced_at: now(), head_commit: '8c1f0a9b2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f70' })
}

const refuse = (path: string, message: string) =>
  new Refusal(422, 'Unprocessable Entity', { errors: [{ path, message }] })

/** The name of its state as people left it. */
const tagOf = ({ updated_at }: Repository) => `"${updated_at}"`
const tagged = (repository: Repository, body: object = repository) =>
  Response.json(body, { headers: { etag: tagOf(repository) } })

/** Refuses a change that is about another state, and marks what is changed. */
function touch(repository: Repository, request: Request): Repository {
  const seen = request.headers.get('if-match')
  if (seen && seen !== tagOf(repository))
    throw new Refusal(412, 'Precondition Failed', { detail: 'it was changed since it was read' })
  // Of two changes in one moment, each is a state of its own.
  const at = Math.max(Date.now(), Date.parse(repository.updated_at) + 1)
  return Object.assign(repository, { updated_at: new Date(at).toISOString() })
}

/** Repositories: what they are, and how work is done in them. */
export function repositories(routes: Routes, db: () => Db): void {
  const profileOf = (id: string): ProfileDetail => ({ network_hosts: [], ...db().profiles.get(id), discovered })
  routes
    .on(`GET ${base}`, ({ query }) => {
      const q = query.get('q')?.toLowerCase() ?? ''
      return pageOf(
        db().repositories.filter(({ name, url }) => `${name} ${url}`.toLowerCase().includes(q)),
        query,
      )
    })
    .on(`POST ${base}`, async ({ json }): Promise<Repository> => {
      const { url, name, token } = await json<NewRepositoryWritable>()
      if (!/^(https?:|git@|ssh:|\/)/.test(url)) throw refuse('/url', 'is not an address that git understands')
      if (token && !url.includes('github'))
        throw refuse('/token', 'is for repositories on the GitHub of this installation')
      if (token && /\s/.test(token)) throw refuse('/token', 'a token has no spaces and no line breaks')
      if (!token && url.includes('private')) throw refuse('/url', 'is not there, or is not open to everybody')
      const last = url.replace(/\.git$/, '').split('/')
      const made = newRepository(db(), name ?? last.slice(-2).join('/'), url)
      if (token) {
        const by = { id: db().me.id, name: db().me.name }
        const secret = { name: 'GITHUB_TOKEN', created_at: now(), updated_at: now(), updated_by: by }
        db().secrets.push({ repository: made.id, secret })
      }
      // A large one comes after a while; one that is called endless does not.
      if (/large|endless/.test(url)) linger(made)
      if (url.includes('large')) setTimeout(() => arrive(made), 6000)
      return made
    })
    .on(
      `POST ${base}/sample`,
      (): Repository => newRepository(db(), 'sample/inventory', '/samples/python-inventory', { forge: 'local' }),
    )
    .on(`GET ${base}/{id}`, ({ path }) => tagged(theRepository(db(), path.id)))
    .on(`PATCH ${base}/{id}`, async ({ path, json, request }) => {
      const { instructions: _, ...rest } = await json<RepositoryUpdate>()
      return tagged(Object.assign(touch(theRepository(db(), path.id), request), rest))
    })
    .on(`DELETE ${base}/{id}`, ({ path }) => {
      db().repositories = db().repositories.filter(({ id }) => id !== path.id)
    })
    .on(`POST ${base}/{id}/sync`, ({ path }) => {
      const repository = theRepository(db(), path.id)
      if (repository.sync_error) return Object.assign(repository, { synced_at: now() })
      // One that is called slow takes longer than anybody waits.
      return repository.pending_since || repository.url.includes('slow')
        ? repository
        : Object.assign(repository, { synced_at: now() })
    })
    .on(`GET ${base}/{id}/profile`, ({ path }) => {
      const repository = theContent(db(), path.id)
      return tagged(repository, profileOf(repository.id))
    })
    .on(`PUT ${base}/{id}/profile`, async ({ path, json, request }) => {
      const repository = theRepository(db(), path.id)
      const { id } = repository
      const wanted = await json<ProfileUpdate>()
      for (const name of ['test_command', 'setup_command'] as const)
        if (wanted[name]?.includes('\n')) throw refuse(`/${name}`, 'has more than one line')
      if (wanted.test_command?.includes('refuse')) throw refuse('/test_command', 'this command is refused by the mock')
      for (const [i, host] of (wanted.network_hosts ?? []).entries())
        if (!host.includes('.')) throw refuse(`/network_hosts/${i}`, `${host} is no name of a host`)
      touch(repository, request)
      const said = Object.entries(wanted).filter(([, value]) => value)
      db().profiles.set(id, Object.fromEntries(said))
      return tagged(repository, profileOf(id))
    })
}
