import { describe, expect, it, vi } from 'vitest'
import document from '../../../openapi/codegraph.json'
import { answered, takesKey, withKey } from './request-keys'

const write = (path: string, body: object) =>
  withKey(new Request(new URL(`/api/v1/${path}`, location.href), { method: 'POST', body: JSON.stringify(body) }))
const keyOf = (request: Request) => request.headers.get('Idempotency-Key')

describe('a write', () => {
  it('is the same one until it was answered, and another with other words', async () => {
    const [first, twice, other] = [
      await write('runs/run_1/messages', { text: 'slower' }),
      await write('runs/run_1/messages', { text: 'slower' }),
      await write('runs/run_1/messages', { text: 'faster' }),
    ]
    expect(keyOf(first)).toBeTruthy()
    expect(keyOf(twice)).toBe(keyOf(first))
    expect(keyOf(other)).not.toBe(keyOf(first))
    answered(first, new Response(null, { status: 502 }))
    expect(keyOf(await write('runs/run_1/messages', { text: 'slower' }))).toBe(keyOf(first))
    answered(twice, new Response(null, { status: 204 }))
    expect(keyOf(await write('runs/run_1/messages', { text: 'slower' }))).not.toBe(keyOf(first))
  })

  it('is a new one long after an answer was lost', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const first = await write('tasks/bulk', { ids: [] })
    vi.advanceTimersByTime(11 * 60_000)
    expect(keyOf(await write('tasks/bulk', { ids: [] }))).not.toBe(keyOf(first))
    vi.useRealTimers()
  })

  it('has a key exactly where the document says that one is taken', () => {
    const wrong: string[] = []
    for (const [path, operations] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(operations as Record<string, { parameters?: object[] }>)) {
        if (method === 'get') continue
        const taken = operation.parameters?.some((one) => 'name' in one && one.name === 'Idempotency-Key') ?? false
        if (takesKey(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'x')) !== taken) wrong.push(`${method} ${path}`)
      }
    expect(wrong).toEqual([])
  })
})
