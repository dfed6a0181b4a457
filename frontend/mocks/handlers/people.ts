import type {
  Entrance,
  Inviting,
  Login,
  Me,
  MeChange,
  NewInvitation,
  PasswordChange,
  Registering,
  Session,
  Setup,
  SignedInView,
  Token,
  TokenPage,
  User,
  UserChange,
  UserPage,
  WantedToken,
} from '../../src/api/generated/types.gen'
import { before, type Db, newId, now } from '../db'
import { Refusal, type Routes } from '../http'
import { pageOf } from './work'

const base = '/api/v1'

function signedIn(db: Db): Response {
  db.signedIn = true
  const view: SignedInView = { user: db.me, session: 'cookie', expires_in: 1800, csrf_token: 'mock' }
  return Response.json(view, { headers: { 'set-cookie': 'codegraph_csrf=mock; Path=/; SameSite=Strict' } })
}

const weak = (path: string) =>
  new Refusal(422, 'Unprocessable Entity', {
    detail: 'The password is too short.',
    errors: [{ path, message: 'at least 12 characters' }],
  })

/** Accounts, sessions, tokens, people. */
export function people(routes: Routes, db: () => Db): void {
  routes
    .on(`GET ${base}/auth/setup`, (): Entrance => ({ needs_setup: db().needsSetup, registration: 'open' }))
    .on(`POST ${base}/auth/setup`, async ({ json }) => {
      const body = await json<Setup>()
      if (body.code !== 'LETMEIN') throw new Refusal(403, 'Forbidden', { detail: 'this is not the setup code' })
      Object.assign(db().me, { name: body.name, email: body.email })
      db().needsSetup = false
      return signedIn(db())
    })
    .on(`POST ${base}/auth/register`, async ({ json }) => {
      const body = await json<Registering>()
      if (body.password.length < 12) throw weak('/password')
      if (db().users.some(({ email }) => email === body.email))
        throw new Refusal(422, 'Unprocessable Entity', {
          errors: [{ path: '/email', message: 'has an account already' }],
        })
      Object.assign(db().me, { name: body.name, email: body.email })
      return signedIn(db())
    })
    .on(`POST ${base}/auth/login`, async ({ json }) => {
      const body = await json<Login>()
      if (body.password === 'too often')
        throw new Refusal(429, 'Too Many Requests', { detail: 'too many requests; try again in 30 s' })
      if (body.password === 'wrong') throw new Refusal(401, 'Unauthorized', { detail: 'e-mail or password is wrong' })
      return signedIn(db())
    })
    .on(`POST ${base}/auth/refresh`, () => {
      if (!db().signedIn) throw new Refusal(401, 'Unauthorized')
      return signedIn(db())
    })
    .on(`POST ${base}/auth/logout`, () => {
      db().signedIn = false
    })
    .on(`GET ${base}/auth/me`, (): Me => {
      if (!db().signedIn) throw new Refusal(401, 'Unauthorized', { detail: 'this needs you to sign in' })
      return db().me
    })
    .on(`PATCH ${base}/auth/me`, async ({ json }): Promise<Me> => Object.assign(db().me, await json<MeChange>()))
    .on(`POST ${base}/auth/password`, async ({ json }) => {
      const body = await json<PasswordChange>()
      if (body.current_password === 'wrong')
        throw new Refusal(422, 'Unprocessable Entity', {
          errors: [{ path: '/current_password', message: 'is not the one until now' }],
        })
    })
    .on(`GET ${base}/auth/sessions`, (): { items: Session[] } => ({ items: db().sessions }))
    .on(`DELETE ${base}/auth/sessions/{id}`, ({ path }) => {
      db().sessions = db().sessions.filter(({ id }) => id !== path.id)
    })
    .on(`DELETE ${base}/auth/sessions`, () => {
      const ended = db().sessions.filter(({ current }) => !current).length
      db().sessions = db().sessions.filter(({ current }) => current)
      return { ended }
    })
    .on(`GET ${base}/tokens`, ({ query }): TokenPage => pageOf(db().tokens, query))
    .on(`POST ${base}/tokens`, async ({ json }) => {
      const body = await json<WantedToken>()
      const token: Token = {
        id: newId('token'),
        name: body.name,
        hint: 'cg_9bd2',
        scope: body.scope,
        created_at: now(),
      }
      db().tokens.push(token)
      return { token, secret: `cg_${'9bd2c4'.repeat(6)}` }
    })
    .on(`DELETE ${base}/tokens/{id}`, ({ path }) => {
      db().tokens = db().tokens.filter(({ id }) => id !== path.id)
    })
    .on(`GET ${base}/users`, ({ query }): UserPage => {
      const q = query.get('q')?.toLowerCase() ?? ''
      const [role, active] = [query.get('role'), query.get('active')]
      const fits = (user: User) =>
        `${user.name} ${user.email ?? ''}`.toLowerCase().includes(q) &&
        (!role || user.role === role) &&
        (!active || (active === 'true') === !user.deactivated_at)
      return pageOf(db().users.filter(fits), query)
    })
    .on(`PATCH ${base}/users/{id}`, async ({ path, json }): Promise<User> => {
      const user = db().users.find(({ id }) => id === path.id)
      if (!user) throw new Refusal(404, 'Not Found')
      const { role, active } = await json<UserChange>()
      if (role) user.role = role
      if (active === false) user.deactivated_at = now()
      if (active === true) delete user.deactivated_at
      return user
    })
    .on(`GET ${base}/invitations`, ({ query }) => pageOf(db().invitations, query))
    .on(`POST ${base}/invitations`, async ({ json }): Promise<NewInvitation> => {
      const body = await json<Inviting>()
      const invitation = {
        id: newId('invite'),
        email: body.email,
        role: body.role,
        created_at: now(),
        expires_at: before(-86_400 * 7),
      }
      db().invitations.push(invitation)
      return { invitation, token: 'mock-invitation', link: '/register#invitation=mock-invitation' }
    })
    .on(`DELETE ${base}/invitations/{id}`, ({ path }) => {
      db().invitations = db().invitations.filter(({ id }) => id !== path.id)
    })
}
