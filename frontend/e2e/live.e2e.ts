import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { open } from './browser'
import { mocked } from './mock'

// A long run and many tabs. Gates on what the load of a machine moves little: time of scripts, nodes, who listens.

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

/** What the page's thread did meanwhile: how long scripts ran for each frame that was drawn. */
async function measured(page: Page, act: () => Promise<void>) {
  const session = await context.newCDPSession(page)
  await session.send('Performance.enable')
  const read = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? 0
    return { script: of('ScriptDuration'), task: of('TaskDuration'), heap: of('JSHeapUsedSize') }
  }
  await page.evaluate(() => {
    const count = { frames: 0, on: true }
    Object.assign(window, { count })
    const tick = () => {
      count.frames += 1
      if (count.on) requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
  })
  const before = await read()
  await act()
  const after = await read()
  const frames = await page.evaluate(() => {
    const { count } = window as unknown as { count: { frames: number; on: boolean } }
    count.on = false
    return count.frames
  })
  await session.detach()
  const each = (seconds: number) => (seconds * 1000) / frames
  return {
    frames,
    script: each(after.script - before.script),
    task: each(after.task - before.task),
    heap: after.heap / 1024 / 1024,
  }
}

describe('a run of more than 10,000 events', () => {
  let page: Page
  const log = () => page.getByRole('log')
  const nodes = () => log().evaluate((list) => list.querySelectorAll('*').length)
  const fromEnd = () => log().evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight)
  /** Scrolls through some of it; in how many frames nothing was there. */
  const scrolled = () =>
    log().evaluate(async (list) => {
      let blank = 0
      for (let i = 0; i < 240; i++) {
        list.scrollTop += 200
        await new Promise(requestAnimationFrame)
        await new Promise((done) => setTimeout(done))
        // By places, as nothing answers to the pointer while a list scrolls.
        const { top, height } = list.getBoundingClientRect()
        const middle = top + height / 2
        const drawn = [...list.querySelectorAll('article')].some((row) => {
          const { top, bottom } = row.getBoundingClientRect()
          return top <= middle && middle <= bottom
        })
        if (!drawn) blank += 1
      }
      return blank
    })
  beforeAll(async () => {
    page = await context.newPage()
  })
  afterAll(() => page.close())

  it('is on the screen within a second, at its end, in few nodes', async () => {
    const took: number[] = []
    for (let i = 0; i < 3; i++) {
      await page.goto('/tasks')
      const link = page.getByRole('link', { name: /^Keep the history/ })
      await link.waitFor()
      took.push(
        await link.evaluate(async (link: HTMLElement) => {
          const began = performance.now()
          link.click()
          const frame = () => new Promise(requestAnimationFrame)
          while (!document.querySelector('[role=log] article')) await frame()
          await frame()
          return performance.now() - began
        }),
      )
    }
    console.log(`shown after ${took.map((ms) => ms.toFixed(0)).join(', ')} ms`)
    // The best of three: what else the machine does is not the page's doing. The first brings its files as well.
    expect(Math.min(...took)).toBeLessThan(1000)
    await expect.poll(fromEnd).toBeLessThan(40)
    expect(await nodes()).toBeLessThan(900)
  })

  it('is followed at its end without effort', async () => {
    const far: number[] = []
    const cost = await measured(page, async () => {
      for (let i = 0; i < 60; i++) {
        await mock.pull(`events?run=${run}&n=1`)
        await page.waitForTimeout(50)
        far.push(await fromEnd())
      }
    })
    await log()
      .getByText(await newest())
      .waitFor()
    await expect.poll(fromEnd).toBeLessThan(40)
    const near = far.filter((px) => px < 40).length
    console.log(`following: ${JSON.stringify(cost)}, at the end in ${near} of ${far.length} looks`)
    expect(cost.script).toBeLessThan(4)
    // A look may fall between an arrival and the frame that shows it.
    expect(near).toBeGreaterThan(far.length * 0.8)
    expect(await nodes()).toBeLessThan(900)
  })

  it('leaves those alone who read further up', async () => {
    await log().hover()
    await page.mouse.wheel(0, -1500)
    await page.waitForTimeout(300)
    const at = await log().evaluate((list) => list.scrollTop)
    await mock.pull(`events?run=${run}&n=50`)
    await page.getByRole('button', { name: /50 new events/ }).waitFor()
    expect(Math.abs((await log().evaluate((list) => list.scrollTop)) - at)).toBeLessThan(2)
    await page.getByRole('button', { name: /50 new events/ }).click()
    await expect.poll(fromEnd, { timeout: 5000 }).toBeLessThan(40)
  })

  it('is read back to its first event by a link to it, and scrolls without a blank', async () => {
    await page.goto(`/tasks/${task}?e=1`)
    // Fifty pages one after the other.
    await log().locator('article.bg-surface-2').waitFor({ timeout: 30_000 })
    const tries: { script: number; heap: number; blank: number }[] = []
    // The best of three, as above.
    for (let i = 0; i < 3 && !tries.some(({ script, blank }) => script < 8 && blank < 3); i++) {
      let blank = 0
      const cost = await measured(page, async () => {
        blank = await scrolled()
      })
      tries.push({ ...cost, blank })
      console.log(`scrolling: ${JSON.stringify(cost)}, ${blank} of 240 blank`)
    }
    // 12,000 px a second, every line new. What looking at each frame costs is in it, and what the tests beside it take.
    expect(Math.min(...tries.map(({ script }) => script))).toBeLessThan(8)
    expect(Math.min(...tries.map(({ blank }) => blank))).toBeLessThan(3)
    expect(tries[0]?.heap).toBeLessThan(90)
    expect(await nodes()).toBeLessThan(900)
  })

  it('loads what came before as one scrolls up, and keeps the place', async () => {
    await page.goto(`/tasks/${task}`)
    await log().getByRole('article').last().waitFor()
    await expect.poll(fromEnd).toBeLessThan(40)
    const rows = () => log().evaluate((list) => list.scrollHeight)
    const before = await rows()
    await log().hover()
    // To the beginning of what is here, as fast as a wheel can.
    for (let i = 0; i < 60 && (await rows()) < before * 1.5; i++) {
      await page.mouse.wheel(0, -3000)
      await page.waitForTimeout(50)
    }
    expect(await rows()).toBeGreaterThan(before * 1.5)
    // What is read stays where it is while more comes in above it.
    await page.waitForTimeout(500)
    expect(await log().evaluate((list) => list.scrollTop)).toBeGreaterThan(100)
  })
})

describe('seven windows', () => {
  it('are all up to date at once, on four lines, and the line of one that closes goes to another', async () => {
    const pages: Page[] = []
    // None of them is hidden: each is a window of its own, side by side.
    for (let i = 0; i < 7; i++) {
      const page = await context.newPage()
      await page.goto(`/tasks/${task}`)
      await page.getByText('Live', { exact: true }).waitFor()
      pages.push(page)
    }
    await mock.pull(`events?run=${run}&n=3`)
    const last = await newest()
    for (const page of pages) await page.getByRole('log').getByText(last).waitFor()
    expect(mock.db().listeners.size).toBe(4)
    // Those that had lines close; who heard from them has lines now, and nothing is missed.
    for (const page of pages.splice(0, 4)) await page.close()
    await expect.poll(() => mock.db().listeners.size).toBe(3)
    await mock.pull(`events?run=${run}&n=2`)
    const then = await newest()
    for (const page of pages) {
      await page.getByText('Live', { exact: true }).waitFor()
      await page.getByRole('log').getByText(then).waitFor()
    }
    for (const page of pages) await page.close()
  })

  it('hold no line while they are hidden, and catch up when they are shown', async () => {
    const page = await context.newPage()
    // The browser of a test says that every page is seen.
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
    await page.goto(`/tasks/${task}`)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.evaluate('hide(true)')
    await expect.poll(() => mock.db().listeners.size).toBe(0)
    await mock.pull(`events?run=${run}&n=3`)
    const last = await newest()
    await page.evaluate('hide(false)')
    await page.getByRole('log').getByText(last).waitFor()
    await page.close()
  })
})
