/** The whole mock: state, operations, and a few levers for tests under /mock/. */

import { type Db, happen } from './db'
import { around } from './handlers/around'
import { contents } from './handlers/contents'
import { figures } from './handlers/figures'
import { forge } from './handlers/forge'
import { operations } from './handlers/operations'
import { people } from './handlers/people'
import { repositories } from './handlers/repositories'
import { runs, steering } from './handlers/runs'
import { told } from './handlers/told'
import { views } from './handlers/views'
import { work } from './handlers/work'
import { problem, Refusal, Routes } from './http'
import { emptyDb, seed } from './seed'
import { stopStories } from './story'

export interface Backend {
  answer: (request: Request) => Promise<Response>
  db: () => Db
}

/** A backend of its own. `beat` is how long an act takes, in milliseconds. */
export function newBackend(beat = 1200): Backend {
  let db = seed()
  const get = () => db
  const routes = new Routes()
  const pace = { beat }
  /** What the next requests meet. */
  const trouble: { fail?: RegExp; slow: number } = { slow: 0 }
  people(routes, get)
  repositories(routes, get)
  contents(routes, get)
  forge(routes, get)
  work(routes, get, pace)
  runs(routes, get)
  steering(routes, get, pace)
  around(routes, get)
  figures(routes, get)
  told(routes, get)
  operations(routes, get)
  views(routes, get)
  routes
    .on('POST /mock/reset', async ({ query }) => {
      stopStories()
      Object.assign(trouble, { fail: undefined, slow: 0 })
      const kind = query.get('as')
      db = kind === 'empty' || kind === 'new' ? emptyDb() : seed(Number(query.get('turns') ?? 120))
      db.needsSetup = kind === 'new'
      db.signedIn = kind !== 'new' && query.get('signed_in') !== 'no'
      pace.beat = Number(query.get('beat') ?? beat)
      return {}
    })
    .on('POST /mock/role', ({ query }) => {
      const role = query.get('role') === 'viewer' ? 'viewer' : 'admin'
      db.me = { ...db.me, role, permissions: role === 'viewer' ? ['own', 'manage_own', 'read'] : db.me.permissions }
      return {}
    })
    .on('POST /mock/trouble', ({ query }) => {
      const fail = query.get('fail')
      Object.assign(trouble, { fail: fail ? new RegExp(fail) : undefined, slow: Number(query.get('slow') ?? 0) })
      return {}
    })
    .on('POST /mock/events', ({ query }) => {
      const attempt = db.attempts.find(({ run }) => run.id === query.get('run'))
      if (attempt)
        for (let i = 0; i < Number(query.get('n')); i++)
          happen(db, attempt, {
            step_no: attempt.steps.length,
            type: 'other',
            name: 'log',
            title: `line ${attempt.events.length + 1}${i % 9 === 0 ? ` with more to say: ${'word '.repeat(60)}` : ''}`,
            data: {},
          })
      return {}
    })
  const answer = async (request: Request) => {
    const { pathname } = new URL(request.url)
    const ours = pathname.startsWith('/api/') && !pathname.includes('/auth/')
    if (ours && trouble.slow > 0) await new Promise((done) => setTimeout(done, trouble.slow))
    if (ours && trouble.fail?.test(pathname))
      return problem(new Refusal(500, 'Internal Server Error', { detail: 'The mock was told to fail.' }))
    return routes.answer(request)
  }
  return { answer, db: get }
}

const backend = newBackend()

/** The one that `npm run dev:mock` and the browser tests talk to. */
export const answer = backend.answer
