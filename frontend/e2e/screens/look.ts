import { mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { axe, complaints, tooWide } from '../browser'
import { stage } from '../stage'
import type { Screen } from './kit'
import { outside } from './outside'
import { places } from './places'
import { repositories } from './repositories'
import { settings } from './settings'
import { task } from './task'
import { keptTasks, manyTasks, tasks } from './tasks'

// Every page and every dialog, in both themes, on a narrow screen and at twice the size: nothing for axe to find, nothing
// that sticks out, no word of complaint from the browser. With SHOTS set, what it looks like is kept in that folder.

const shots = process.env.SHOTS
const chosen = process.env.SCREEN
// Some change what the mock knows: the order is a part of it.
const screens = [
  ...places,
  ...tasks,
  ...task,
  ...repositories,
  ...settings,
  ...keptTasks,
  manyTasks,
  ...outside,
].filter(({ name }) => !chosen || name.match(chosen))

interface Size {
  width: number
  height: number
}

/** Goes through all of it on a window of this size, in both themes; and looks at the same in windows of other sizes. */
export async function screensIn(size: Size, others: readonly Size[] = []) {
  if (shots) mkdirSync(shots, { recursive: true })
  const { mock, page } = await stage(size)

  /** What is on the screen now. In the other theme other things may be drawn as well. */
  const look = async (name: string, theme: 'light' | 'dark', { width, height }: Size) => {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme: theme })
    await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, theme)
    if (shots) await page.screenshot({ path: `${shots}/${name}-${theme}-${width}.png` })
    const found = await axe(page)
    // A window that has shrunk leaves things half under a header, where nobody presses them before scrolling.
    const pressed = width === size.width
    const wrong = found.filter((one) => pressed || !one.startsWith('target-size'))
    expect(wrong, `${theme}, ${width} px`).toEqual([])
    expect(await tooWide(page), `something sticks out at ${width} px`).toBe(false)
    // In the frame of the dashboard the page scrolls, and never the window.
    const inside = await page.locator('#main').count()
    if (inside) expect(await page.evaluate(() => [scrollX, scrollY]), 'the window has moved').toEqual([0, 0])
  }

  describe(`${size.width} px`, () => {
    it.each(screens)('$name', async (screen: Screen) => {
      if (screen.as) await mock.pull(`reset?as=${screen.as}`)
      const said = complaints(page)
      await page.goto(typeof screen.path === 'string' ? screen.path : mock.task(screen.path.task, screen.path.search))
      await page.getByText(screen.see).first().waitFor({ state: 'attached' })
      for (const act of screen.act ?? []) await act(page)
      // Looked at when everything has come.
      await page.waitForFunction(() => !document.querySelector('[role=status][aria-label^=Loading], .animate-pulse'))
      await look(screen.name, 'light', size)
      await look(screen.name, 'dark', size)
      for (const other of others) await look(screen.name, 'light', other)
      expect(said.filter((one) => !screen.says?.test(one))).toEqual([])
      await page.evaluate(() => {
        for (const kept of ['drafts', 'preferences']) localStorage.removeItem(`codegraph.${kept}`)
      })
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme: 'light' })
    })
  })
}
