import type {
  CodeMatchList,
  NewRepository,
  ProfileDetail,
  ProfileUpdate,
  Repository,
  RepositoryUpdate,
} from '../../src/api/generated/types.gen'
import { discovered, sources } from '../contents'
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

const refuse = (path: string, message: string) =>
  new Refusal(422, 'Unprocessable Entity', { errors: [{ path, message }] })

/** Repositories: what they are, how work is done in them, what stands in their files. */
export function repositories(routes: Routes, db: () => Db): void {
  const profileOf = (id: string): ProfileDetail => ({ network_hosts: [], ...db().profiles.get(id), discovered })
  routes
    .on(`GET ${base}`, ({ query }) => {
      const q = query.get('q')?.toLowerCase() ?? ''
      return pageOf(
        db().repositories.filter(({ name }) => name.toLowerCase().includes(q)),
        query,
      )
    })
    .on(`POST ${base}`, async ({ json }): Promise<Repository> => {
      const { url, name } = await json<NewRepository>()
      if (!/^(https?:|git@|ssh:|\/)/.test(url)) throw refuse('/url', 'is not an address that git understands')
      const last = url.replace(/\.git$/, '').split('/')
      return newRepository(db(), name ?? last.slice(-2).join('/'), url)
    })
    .on(
      `POST ${base}/sample`,
      (): Repository => newRepository(db(), 'sample/inventory', '/samples/python-inventory', { forge: 'local' }),
    )
    .on(`GET ${base}/{id}`, ({ path }) => theRepository(db(), path.id))
    .on(`PATCH ${base}/{id}`, async ({ path, json }) => {
      const { instructions: _, ...rest } = await json<RepositoryUpdate>()
      return Object.assign(theRepository(db(), path.id), rest, { updated_at: now() })
    })
    .on(`DELETE ${base}/{id}`, ({ path }) => {
      db().repositories = db().repositories.filter(({ id }) => id !== path.id)
    })
    .on(`POST ${base}/{id}/sync`, ({ path }) => {
      const repository = theRepository(db(), path.id)
      if (repository.sync_error) throw new Refusal(502, 'Bad Gateway', { detail: repository.sync_error })
      return Object.assign(repository, { synced_at: now() })
    })
    .on(`GET ${base}/{id}/branches`, ({ path }) => ({
      items: ['main', 'next'].map((name) => ({ name, commit: theRepository(db(), path.id).head_commit ?? '' })),
    }))
    .on(`GET ${base}/{id}/profile`, ({ path }) => profileOf(theRepository(db(), path.id).id))
    .on(`PUT ${base}/{id}/profile`, async ({ path, json }): Promise<ProfileDetail> => {
      const { id } = theRepository(db(), path.id)
      const said = Object.entries(await json<ProfileUpdate>()).filter(([, value]) => value)
      for (const [name, text] of said)
        if (name !== 'instructions' && typeof text === 'string' && text.includes('\n'))
          throw refuse(`/${name}`, 'has more than one line')
      if (said.some(([name, text]) => name === 'test_command' && typeof text === 'string' && text.includes('refuse')))
        throw refuse('/test_command', 'this command is refused by the mock')
      db().profiles.set(id, Object.fromEntries(said))
      return profileOf(id)
    })
    .on(`GET ${base}/{id}/search`, ({ path, query }): CodeMatchList => {
      theRepository(db(), path.id)
      const [q, below] = [query.get('q')?.toLowerCase() ?? '', query.get('path') ?? '']
      const items = Object.entries(sources)
        .filter(([file]) => file.startsWith(below))
        .flatMap(([file, text]) => text.split('\n').map((line, i) => ({ path: file, line: i + 1, text: line })))
        .filter(({ text }) => text.toLowerCase().includes(q))
      return { items: items.slice(0, Number(query.get('limit') ?? 50)) }
    })
}
