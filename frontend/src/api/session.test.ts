import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { onSession, sessionFetch } from './session'

const server = setupServer()
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
afterEach(() => server.resetHandlers())
afterAll(() => server.close())
const url = (path: string) => new URL(path, location.href).href

describe('a session that has expired', () => {
  it('is renewed once for all requests that found out, and each is sent again as it was', async () => {
    let fresh = false
    const bodies: string[] = []
    server.use(
      http.post(url('/api/v1/tasks'), async ({ request }) => {
        bodies.push(await request.text())
        return fresh ? HttpResponse.json({ ok: true }) : new HttpResponse(null, { status: 401 })
      }),
    )
    const renew = vi.fn(async () => {
      await new Promise((done) => setTimeout(done, 20))
      fresh = true
      return true
    })
    onSession({ renew, lost: () => {} })
    const sent = ['1', '2', '3', '4', '5'].map((body) => sessionFetch(url('/api/v1/tasks'), { method: 'POST', body }))
    const answers = await Promise.all(sent)
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(renew).toHaveBeenCalledTimes(1)
    expect(bodies.slice(5).sort()).toEqual(['1', '2', '3', '4', '5'])
  })

  it('is lost when it cannot be renewed, and a wrong password is only that', async () => {
    server.use(
      http.get(url('/api/v1/tasks'), () => new HttpResponse(null, { status: 401 })),
      http.post(url('/api/v1/auth/login'), () => new HttpResponse(null, { status: 401 })),
    )
    const renew = vi.fn(async () => false)
    const lost = vi.fn()
    onSession({ renew, lost })
    expect((await sessionFetch(url('/api/v1/auth/login'), { method: 'POST' })).status).toBe(401)
    expect(renew).not.toHaveBeenCalled()
    expect((await sessionFetch(url('/api/v1/tasks'))).status).toBe(401)
    expect(lost).toHaveBeenCalledTimes(1)
  })
})
