import { mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { axe, complaints, type Look, tooWide } from '../browser'
import { stage } from '../stage'
import type { Screen } from './kit'
import { outside } from './outside'
import { places } from './places'
import { repositories } from './repositories'
import { settings } from './settings'
import { task } from './task'
import { manyTasks, tasks } from './tasks'

// Every page and every dialog, in both themes, on a narrow screen and at twice the size: nothing for axe to find, nothing
// that sticks out, no word of complaint from the browser. With SHOTS set, what it looks like is kept in that folder.

const shots = process.env.SHOTS
const chosen = process.env.SCREEN
// Some change what the mock knows: the order is a part of it.
const screens = [...places, ...tasks, ...task, ...repositories, ...settings, manyTasks, ...outside].filter(
  ({ name }) => !chosen || name.match(chosen),
)

/** Goes through all of it. */
export async function screensIn(name: string, look: Omit<Look, 'at'>) {
  if (shots) mkdirSync(shots, { recursive: true })
  const { mock, page } = await stage(look)
  describe(name, () => {
    it.each(screens)('$name', async (screen: Screen) => {
      if (screen.as) await mock.pull(`reset?as=${screen.as}`)
      const said = complaints(page)
      await page.goto(typeof screen.path === 'string' ? screen.path : mock.task(screen.path.task, screen.path.search))
      await page.getByText(screen.see).first().waitFor({ state: 'attached' })
      for (const act of screen.act ?? []) await act(page)
      // Looked at when everything has come.
      await page.waitForFunction(() => !document.querySelector('[role=status][aria-label^=Loading], .animate-pulse'))
      if (shots) await page.screenshot({ path: `${shots}/${screen.name}-${name.replaceAll(/\W+/g, '-')}.png` })
      expect(await axe(page)).toEqual([])
      expect(await tooWide(page), 'something sticks out').toBe(false)
      // In the frame of the dashboard the page scrolls, and never the window.
      const inside = await page.locator('#main').count()
      if (inside) expect(await page.evaluate(() => [scrollX, scrollY]), 'the window has moved').toEqual([0, 0])
      expect(said).toEqual([])
      await page.evaluate(() => {
        for (const kept of ['drafts', 'preferences']) localStorage.removeItem(`codegraph.${kept}`)
      })
    })
  })
}
