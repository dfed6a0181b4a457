import type { Page } from 'playwright-core'

export const median = (all: number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN

/** Work that is always the same, and how long it took on the machine that these gates were set on while it was idle. */
const IDLE = 18
const sameWork = () => {
  const list = Array.from({ length: 60_000 }, (_, i) => (i * 7919) % 10_007)
  list.sort((a, b) => a - b)
  return JSON.parse(JSON.stringify(list)).length as number
}

/** How many times as long as on an idle machine things take now, by the clock and for the thread: whoever shares its
 *  cores and caches with others is slower in both. */
export async function slowness(page: Page): Promise<{ clock: number; thread: number }> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const worked = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
  }
  const clock: number[] = []
  const thread: number[] = []
  for (let i = 0; i < 9; i++) {
    const before = await worked()
    clock.push(
      await page.evaluate((source) => {
        const began = performance.now()
        new Function(`return (${source})()`)()
        return performance.now() - began
      }, sameWork.toString()),
    )
    thread.push(((await worked()) - before) * 1000)
  }
  await session.detach()
  return { clock: Math.max(1, median(clock) / IDLE), thread: Math.max(1, median(thread) / IDLE) }
}

/** What the page's thread did meanwhile: how long scripts ran for each frame that was drawn. */
export async function measured(page: Page, act: () => Promise<void>) {
  const session = await page.context().newCDPSession(page)
  // What the thread has computed, and not how long it took beside everything else that the machine does.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
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
    /** All that the thread did, in milliseconds. */
    whole: (after.task - before.task) * 1000,
    heap: after.heap / 1024 / 1024,
  }
}
