import { afterAll } from 'vitest'
import { type Look, open } from './browser'
import { mocked } from './mock'

/** What the tests of a file stand on: a mock of their own, and a browser before it. `lever` is pulled first. */
export async function stage({ lever, ...look }: Omit<Look, 'at'> & { lever?: string } = {}) {
  const mock = await mocked()
  if (lever) await mock.pull(lever)
  const context = await open({ ...look, at: mock.url })
  afterAll(async () => {
    await context.done()
    await mock.close()
  })
  return { mock, context, page: context.pages()[0] ?? (await context.newPage()) }
}
