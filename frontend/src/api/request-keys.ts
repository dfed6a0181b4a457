/** Every write carries an `Idempotency-Key`. The same write again, while its answer is out or after one that was lost, is
 *  the same request and is performed once; with another word in it, it is another one. */

import { requestKey } from '@/lib/ids'

/** Whoever sends the same words again after this time means it. */
const LOST = 10 * 60_000

/** Where a key is refused, as the answer holds a secret that must not be kept; and where nobody is signed in yet. */
const without = [
  /^POST \/api\/v1\/(tokens|webhooks|invitations)$/,
  /^PUT \/api\/v1\/repositories\/[^/]+\/secrets\//,
  /^POST \/api\/v1\/auth\//,
]

const keys = new Map<string, { key: string; at: number }>()
const writes = new WeakMap<Request, string>()

/** Whether an operation takes a key. */
export const takesKey = (method: string, path: string): boolean =>
  method !== 'GET' && !without.some((one) => one.test(`${method} ${path}`))

/** Gives a write its key. */
export async function withKey(request: Request): Promise<Request> {
  const { pathname, search } = new URL(request.url, location.href)
  if (!takesKey(request.method, pathname)) return request
  const write = `${request.method} ${pathname}${search} ${await request.clone().text()}`
  const known = keys.get(write)
  const key = known && Date.now() - known.at < LOST ? known.key : requestKey()
  keys.set(write, { key, at: Date.now() })
  request.headers.set('Idempotency-Key', key)
  writes.set(request, write)
  return request
}

/** An answer came: the same write after this is a new one. A server that fails may have done it all the same. */
export function answered(request: Request, response: Response): void {
  const write = writes.get(request)
  if (write !== undefined && response.status < 500) keys.delete(write)
}
