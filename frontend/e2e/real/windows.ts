import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { ask, mark, marked, person, press, signIn, stands, tab } from './person'
import type { Program } from './program'

const TITLE = 'Take your time, seven windows watch'

/** What a window is about, and what it shows of one task as that goes on. */
interface Watched {
  name: string
  path: string
  /** While its plan waits for somebody. */
  waits: (page: Page) => Promise<unknown>
  /** Once somebody has approved it. */
  runs: (page: Page) => Promise<unknown>
}

const row = (page: Page) => page.getByRole('listitem').filter({ hasText: TITLE })
const gone = (list: Locator) => list.getByText(TITLE).first().waitFor({ state: 'detached' })
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

const windows: Watched[] = [
  {
    name: 'the home',
    path: '/',
    waits: (page) => panel(page, 'Needs you').getByText(TITLE).waitFor(),
    runs: async (page) => {
      await panel(page, 'Running now').getByText(TITLE).waitFor()
      await gone(panel(page, 'Needs you'))
    },
  },
  {
    name: 'the list of tasks',
    path: '/tasks',
    waits: (page) => row(page).getByText('Plan to approve').waitFor(),
    runs: (page) => row(page).getByText('Running').waitFor(),
  },
  {
    name: 'the board',
    path: '/tasks?view=board',
    waits: (page) => panel(page, 'Waits for a person').getByText(TITLE).waitFor(),
    runs: (page) => gone(panel(page, 'Waits for a person')),
  },
  {
    name: 'the list of runs',
    path: '/runs',
    waits: (page) => page.getByRole('row').filter({ hasText: TITLE }).getByText('Plan to approve').first().waitFor(),
    runs: (page) => page.getByRole('row').filter({ hasText: TITLE }).getByText('Running').first().waitFor(),
  },
  {
    name: 'what waits for somebody',
    path: '/approvals',
    waits: (page) => page.getByRole('list', { name: 'Waiting' }).getByText(TITLE).waitFor(),
    runs: (page) => gone(page.getByRole('main')),
  },
  {
    name: 'what one is told',
    path: '/notifications',
    waits: (page) => row(page).getByText('Plan to approve').waitFor(),
    // Nothing is said when it goes on; what comes of it is.
    runs: (page) => row(page).getByText('Done').waitFor(),
  },
  {
    name: 'its own page',
    path: '',
    waits: (page) => stands(page, 'Plan to approve'),
    runs: (page) => page.getByRole('log').getByText('I look around: 1 of 6.').waitFor(),
  },
]

/** Seven windows of one browser, none of them hidden. A browser gives a server on plain HTTP six connections for all of
 *  them: with a line of its own in each, the seventh would never be answered. */
export function watching(at: () => { page: Page; program: Program }): void {
  describe('seven windows of one browser', () => {
    const open: { page: Page; window: Watched }[] = []

    it('all show what somebody else does, as it happens, and go on when some of them close', async () => {
      const { page, program } = at()
      const other = await person(program)
      try {
        await signIn(other.page, 'ada@example.org')
        await ask(other.page, TITLE, { plan: true })
        await stands(other.page, 'Plan to approve')
        const { pathname } = new URL(other.page.url())
        for (const [i, window] of windows.entries()) {
          const one = i === 0 ? page : await page.context().newPage()
          await one.goto(window.path || pathname)
          await window.waits(one)
          await mark(one)
          open.push({ page: one, window })
        }
        await tab(other.page, 'Plan')
        await press(other.page, /^Approve/)
        await stands(other.page, 'Running')
        await Promise.all(open.map(({ page, window }) => window.runs(page)))
        await stands(other.page, 'Done')
        for (const { page, window } of open)
          expect(await marked(page), `${window.name} was not loaded again`).toBe(true)

        // The first windows had the lines; those that heard from them have lines now.
        const left = open.filter(({ window }) => ['the home', 'what one is told', 'its own page'].includes(window.name))
        for (const one of open) if (!left.includes(one)) await one.page.close()
        await press(other.page, 'Fork')
        await other.page.getByRole('dialog').getByRole('button', { name: 'Fork', exact: true }).click()
        await other.page.getByText('The fork has begun').waitFor()
        await stands(other.page, 'Done')
        const told = open.find(({ window }) => window.name === 'what one is told')
        await expect.poll(() => told && row(told.page).getByText('Done').count(), { timeout: 30_000 }).toBe(2)
        for (const { page } of left) expect(await marked(page)).toBe(true)
        expect(other.said).toEqual([])
      } finally {
        for (const one of open.slice(1)) await one.page.close()
        await other.context.done()
      }
    })
  })
}
