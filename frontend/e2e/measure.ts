import type { Page } from 'playwright-core'

export const median = (all: number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN

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
