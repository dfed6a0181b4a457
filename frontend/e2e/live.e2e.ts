import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { open } from './browser'
import { mocked } from './mock'

// A long run and many tabs. Gates on what the load of a machine does not move much: nodes, bytes, who listens.

let mock: Awaited<ReturnType<typeof mocked>>
let context: Awaited<ReturnType<typeof open>>
let task: string
let run: string

/** What the newest event of the run is called. */
const newest = async (): Promise<string> =>
  (await mock.read(`runs/${run}/events?before=9999999&limit=1`)).items[0].title

beforeAll(async () => {
  mock = await mocked()
  await mock.pull('reset?turns=3300')
  const { items } = (await mock.read('tasks?limit=200')) as {
    items: { id: string; title: string; latest_run: { id: string } }[]
  }
  const long = items.find(({ title }) => title.startsWith('Keep the history'))
  task = long?.id ?? ''
  run = long?.latest_run.id ?? ''
  context = await open({ at: mock.url })
})
afterAll(async () => {
  await context?.done()
  await mock?.close()
})

describe('a run of more than 10,000 events', () => {
  it('is on the screen soon, in few nodes, and is followed at its end', async () => {
    const page = await context.newPage()
    await page.goto('/tasks')
    const began = Date.now()
    await page.getByRole('link', { name: /^Keep the history/ }).click()
    const log = page.getByRole('log')
    await log.getByRole('article').last().waitFor()
    // A second is promised on a quiet machine; this one may be busy.
    expect(Date.now() - began).toBeLessThan(5000)
    const nodes = () => log.evaluate((list) => list.querySelectorAll('*').length)
    const fromEnd = () => log.evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight)
    expect(await nodes()).toBeLessThan(900)
    await mock.pull(`events?run=${run}&n=2000`)
    await log.getByText(await newest()).waitFor()
    await expect.poll(fromEnd, { timeout: 5000 }).toBeLessThan(40)
    expect(await nodes()).toBeLessThan(900)

    // Whoever reads further up is left alone.
    await log.hover()
    await page.mouse.wheel(0, -1500)
    await page.waitForTimeout(300)
    const at = await log.evaluate((list) => list.scrollTop)
    await mock.pull(`events?run=${run}&n=50`)
    await page.getByRole('button', { name: /50 new events/ }).waitFor()
    expect(Math.abs((await log.evaluate((list) => list.scrollTop)) - at)).toBeLessThan(2)
    await page.getByRole('button', { name: /50 new events/ }).click()
    await expect.poll(fromEnd, { timeout: 5000 }).toBeLessThan(40)
    await page.close()
  })
})

describe('seven tabs', () => {
  it('are all up to date when they are looked at, though a browser allows six lines', async () => {
    const pages = []
    for (let i = 0; i < 7; i++) {
      const page = await context.newPage()
      // Every tab behind the newest is hidden, as it is in a window of a person.
      await page.addInitScript(() => {
        const state = { hidden: false }
        Object.defineProperty(document, 'hidden', { get: () => state.hidden })
        Object.assign(window, {
          hide(hidden: boolean) {
            state.hidden = hidden
            document.dispatchEvent(new Event('visibilitychange'))
          },
        })
      })
      for (const before of pages) await before.evaluate('hide(true)')
      await page.goto(`/tasks/${task}`)
      await page.getByText('Live', { exact: true }).waitFor()
      pages.push(page)
    }
    await mock.pull(`events?run=${run}&n=3`)
    const last = await newest()
    for (const page of pages) {
      for (const other of pages) await other.evaluate(`hide(${other !== page})`)
      await page.bringToFront()
      await page.getByText('Live', { exact: true }).waitFor()
      await page.getByRole('log').getByText(last).waitFor()
    }
    for (const page of pages) await page.close()
  })
})
