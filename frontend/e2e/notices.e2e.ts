import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { attemptOf, move } from '../mocks/db'
import { complaints } from './browser'
import { stage } from './stage'

// What one is told while nobody looks: by one tab for all, in front or not.

const { mock, context, page } = await stage()
const said = complaints(page)

/** A browser that gives notices, and pages that can be left; every test browser says that all are looked at. */
await context.addInitScript(() => {
  const state = { hidden: false, shown: [] as { title: string; body: string; click: () => void }[], tones: 0 }
  Object.defineProperty(document, 'hidden', { get: () => state.hidden })
  document.hasFocus = () => !state.hidden
  class Notice {
    static permission = 'granted'
    static requestPermission = async () => 'granted'
    onclick: (() => void) | null = null
    constructor(title: string, { body }: { body: string }) {
      state.shown.push({ title, body, click: () => this.onclick?.() })
    }
    close() {}
  }
  const tone = AudioContext.prototype.createOscillator
  AudioContext.prototype.createOscillator = function (...args) {
    state.tones += 1
    return tone.apply(this, args)
  }
  Object.assign(window, {
    Notification: Notice,
    told: state,
    leave() {
      state.hidden = true
      window.dispatchEvent(new Event('blur'))
      document.dispatchEvent(new Event('visibilitychange'))
    },
  })
})

const titles = ['Draw the chart on the server', 'Shorten the texts for phones']
/** Something that somebody is told: a run comes to stand so. */
const happens = (title: string, status: 'awaiting_answer' | 'failed') => {
  const run = mock.db().tasks.find((task) => task.title === title)?.latest_run?.id
  const attempt = attemptOf(mock.db(), run ?? '')
  if (!attempt) throw new Error(`the mock has no run of “${title}”`)
  move(mock.db(), attempt, status)
}
const told = (page: Page): Promise<{ shown: { title: string; body: string }[]; tones: number }> =>
  page.evaluate('JSON.parse(JSON.stringify(told))')

describe('notices of the system', () => {
  it('are switched on in the settings, with a sound that one hears at once', async () => {
    await page.goto('/settings?tab=notifications')
    await page.getByRole('switch', { name: /^Notices of the system/ }).check()
    await page.getByRole('switch', { name: /^A sound/ }).check()
    await expect.poll(async () => (await told(page)).tones).toBe(2)
    await page.reload()
    expect(await page.getByRole('switch', { name: /^Notices of the system/ }).isChecked()).toBe(true)
  })

  it('are not shown to somebody who looks at one of the tabs; the sound is for all', async () => {
    const other = await context.newPage()
    await other.goto('/tasks')
    await other.getByText(titles[0] ?? '').waitFor()
    // A tab that speaks for all is in the background, and the other is in front.
    await page.evaluate('leave()')
    happens(titles[0] ?? '', 'failed')
    await expect.poll(async () => (await told(page)).tones + (await told(other)).tones).toBe(2)
    expect([...(await told(page)).shown, ...(await told(other)).shown]).toEqual([])
    await other.close()
  })

  it('come from one tab when all are hidden, over the only line that is left, and lead to the task', async () => {
    const other = await context.newPage()
    await other.goto('/tasks')
    await other.getByText(titles[0] ?? '').waitFor()
    await other.evaluate('leave()')
    await expect.poll(() => mock.db().listeners.size, { timeout: 10_000 }).toBe(1)
    happens(titles[1] ?? '', 'awaiting_answer')
    await expect
      .poll(async () => (await told(page)).shown)
      .toEqual([expect.objectContaining({ title: titles[1], body: 'Asks you' })])
    expect((await told(other)).shown).toEqual([])
    await page.evaluate('told.shown[0].click()')
    await page.getByRole('heading', { level: 1, name: titles[1] ?? '' }).waitFor()
    await other.close()
  })

  it('cost no line any more once they are switched off', async () => {
    await page.goto('/settings?tab=notifications')
    await page.getByRole('switch', { name: /^Notices of the system/ }).uncheck()
    await page.getByRole('switch', { name: /^A sound/ }).uncheck()
    await page.evaluate('leave()')
    await expect.poll(() => mock.db().listeners.size, { timeout: 10_000 }).toBe(0)
  })
})

it('has left no word of complaint in the page', () => {
  expect(said).toEqual([])
})
