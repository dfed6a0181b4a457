import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { open } from './browser'
import { measured, median, slowness } from './measure'
import { mocked } from './mock'
import { stage } from './stage'

// A long run and many tabs. Gates on what the load of a machine moves little: time of scripts, nodes, who listens.

const title = 'Keep the history of prices for two years'
const { mock, context, page } = await stage({ lever: 'reset?turns=3300' })
const task = mock.task(title)
const run = mock.db().tasks.find((task) => task.title === title)?.latest_run?.id

/** What the newest event of the run is called. */
const newest = async (): Promise<string> =>
  (await mock.read(`runs/${run}/events?before=9999999&limit=1`)).items[0].title

describe('a run of more than 10,000 events', () => {
  const log = () => page.getByRole('log')
  const nodes = () => log().evaluate((list) => list.querySelectorAll('*').length)
  const fromEnd = () => log().evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight)
  /** Scrolls through some of it, every line new: 12,000 px a second. */
  const scrolled = () =>
    log().evaluate(async (list) => {
      list.scrollTop = 0
      for (let i = 0; i < 240; i++) {
        list.scrollTop += 200
        await new Promise(requestAnimationFrame)
      }
    })
  /** The same, and in how many frames nothing was there. */
  const blank = () =>
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
  /** What is in use once everything that can be let go of is gone. */
  const heap = async () => {
    const session = await context.newCDPSession(page)
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    await session.detach()
    return usedSize / 1024 / 1024
  }

  // The next tests count who listens.
  afterAll(() => page.close())

  it('is on the screen for little work, at its end, in few nodes', async () => {
    const took: number[] = []
    for (let i = 0; i < 3; i++) {
      await page.goto('/tasks')
      const link = page.getByRole('link', { name: /^Keep the history/ })
      await link.waitFor()
      const { whole } = await measured(page, async () => {
        await link.click()
        await log().getByRole('article').last().waitFor()
      })
      took.push(whole)
    }
    console.log(`shown for ${took.map((ms) => ms.toFixed(0)).join(', ')} ms of work`)
    // A second of a thread that has the machine to itself. The first brings its files as well.
    expect(median(took)).toBeLessThan(1000)
    await expect.poll(fromEnd).toBeLessThan(40)
    expect(await nodes()).toBeLessThan(500)
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
    expect(await nodes()).toBeLessThan(500)
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
    await page.goto(`${task}?e=1`)
    // Fifty pages one after the other.
    await log().locator('article.bg-surface-2').waitFor({ timeout: 120_000 })
    await expect.poll(() => page.getByRole('button', { name: 'To the end' }).count()).toBe(1)
    const { thread } = await slowness(page)
    const scripts: number[] = []
    const empty: number[] = []
    for (let i = 0; i < 3; i++) {
      const cost = await measured(page, scrolled)
      scripts.push(cost.script / thread)
      empty.push(await blank())
      console.log(
        `scrolling: ${JSON.stringify(cost)}, ${thread.toFixed(1)} times as slow as idle, ${empty.at(-1)} blank`,
      )
    }
    const used = await heap()
    console.log(`${used.toFixed(1)} MiB, ${await nodes()} nodes`)
    expect(median(scripts)).toBeLessThan(4)
    expect(median(empty)).toBe(0)
    expect(used).toBeLessThan(40)
    // Lines that have just left are let go of a moment later.
    await expect.poll(nodes, { timeout: 10_000 }).toBeLessThan(500)
    console.log(`${await nodes()} nodes at rest`)
  }, 180_000)

  it('loads what came before as one scrolls up, and keeps the place', async () => {
    await page.goto(task)
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

describe('a run of 50,000 events', () => {
  it('is kept in little room, all of it', async () => {
    const big = await mocked()
    await big.pull('reset?turns=12500')
    const other = await open({ at: big.url })
    const page = await other.newPage()
    await page.goto(big.task(title, '?e=1'))
    await page.getByRole('log').locator('article.bg-surface-2').waitFor({ timeout: 150_000 })
    // As many lines as a model and its tools make of them.
    await page
      .getByText(/^2\d,\d{3}$/)
      .first()
      .waitFor()
    const session = await other.newCDPSession(page)
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    console.log(`50,000 events in ${(usedSize / 1024 / 1024).toFixed(1)} MiB`)
    expect(usedSize / 1024 / 1024).toBeLessThan(90)
    await other.done()
    await big.close()
  }, 200_000)
})

describe('seven windows', () => {
  it('are all up to date at once, on four lines, and the line of one that closes goes to another', async () => {
    const pages: Page[] = []
    // None of them is hidden: each is a window of its own, side by side.
    for (let i = 0; i < 7; i++) {
      const page = await context.newPage()
      await page.goto(task)
      await page.getByText('Live', { exact: true }).waitFor()
      pages.push(page)
    }
    await mock.pull(`events?run=${run}&n=3`)
    const last = await newest()
    for (const page of pages) await page.getByRole('log').getByText(last).waitFor()
    expect(mock.db().listeners.size).toBe(4)
    // Those that had lines close; who heard from them has lines now, and nothing is missed.
    for (const page of pages.splice(0, 4)) await page.close()
    await expect.poll(() => mock.db().listeners.size, { timeout: 10_000 }).toBe(3)
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
    await page.goto(task)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.evaluate('hide(true)')
    await expect.poll(() => mock.db().listeners.size, { timeout: 10_000 }).toBe(0)
    await mock.pull(`events?run=${run}&n=3`)
    const last = await newest()
    await page.evaluate('hide(false)')
    await page.getByRole('log').getByText(last).waitFor()
    await page.close()
  })
})
