import { describe, expect, it } from 'vitest'
import { stage } from './stage'

// Everything by keyboard alone: the way in, lists, and the flow of a day from asking for work to delivering it.

const { mock, page } = await stage({ lever: 'reset?beat=2500' })

/** What has the focus is called so. */
const at = (name: string | RegExp) =>
  page.evaluate(
    ([source, exact]) => {
      const active = document.activeElement
      const own = active?.getAttribute('aria-label') ?? active?.textContent?.trim() ?? ''
      return exact ? own === source : new RegExp(String(source)).test(own)
    },
    [typeof name === 'string' ? name : name.source, typeof name === 'string'] as const,
  )
/** Goes on with Tab until something of that name has the focus. */
async function tabTo(name: string | RegExp) {
  for (let i = 0; i < 120; i++) {
    if (await at(name)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the keyboard does not come to ${name}`)
}
/** What has the focus can be seen to have it. */
const ringed = () =>
  page.evaluate(() => {
    const active = document.activeElement
    if (!active) return false
    const rings = [getComputedStyle(active), getComputedStyle(active, '::after')]
    return rings.some(
      ({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1,
    )
  })

describe('by keyboard', () => {
  it('one skips to the content, sees where one is, and is trapped nowhere', async () => {
    await page.goto('/tasks')
    await page.getByRole('list', { name: 'Tasks' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await at('Skip to the content')).toBe(true)
    await page.keyboard.press('Enter')
    await page.locator('main:focus').waitFor()
    await page.goto('/tasks')
    await page.getByRole('list', { name: 'Tasks' }).waitFor()
    await page.keyboard.press('Tab')
    let steps = 0
    do {
      await page.keyboard.press('Tab')
      const body = await page.evaluate(() => document.activeElement === document.body)
      if (!body) expect(await ringed(), await page.evaluate(() => document.activeElement?.outerHTML)).toBe(true)
      steps += 1
    } while (steps < 150 && !(await at('Skip to the content')))
    expect(steps).toBeGreaterThan(20)
    expect(steps).toBeLessThan(150)
  })

  it('one goes through a list and through the board, selects, and leaves with Escape', async () => {
    for (const view of ['', '?view=board']) {
      await page.goto(`/tasks${view}`)
      await page.getByText('Replace the old date picker').waitFor()
      // The list stands in for the board until that has come.
      if (view) await page.getByRole('region', { name: 'Board', exact: true }).waitFor()
      await page
        .getByRole('checkbox', { name: /^Select/ })
        .first()
        .waitFor()
      await page.keyboard.press('j')
      const first = await page.evaluate(() => document.activeElement?.textContent)
      await page.keyboard.press('j')
      expect(await page.evaluate(() => document.activeElement?.textContent)).not.toBe(first)
      await page.keyboard.press('k')
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(first)
      await page.keyboard.press('x')
      await page.getByText('1 selected').waitFor()
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(first)
    }
  })

  it('one asks for work, approves its plan, and steers it', async () => {
    await page.goto('/')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('c')
    await page.getByLabel('What is to be done?').and(page.locator(':focus')).waitFor()
    await page.keyboard.type('By keyboard alone')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('heading', { level: 1, name: 'By keyboard alone' }).waitFor()
    await page.getByRole('button', { name: 'Read the plan' }).waitFor({ timeout: 30_000 })
    await tabTo('Read the plan')
    expect(await ringed()).toBe(true)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /^Approve/ }).waitFor()
    await page.waitForTimeout(800)
    await page.keyboard.press('a')
    await page.getByText('Approved; the code is being written').waitFor()
    await tabTo('Plan')
    await page.keyboard.press('ArrowLeft')
    await page.getByRole('log').or(page.getByText('Nothing has happened yet')).first().waitFor()
    await page.keyboard.press('m')
    await page.keyboard.type('Keep it short')
    await page.keyboard.press('Control+Enter')
    await page.getByText('Sent; the agent reads it').waitFor()
  })

  it('one writes a review on lines', async () => {
    await page.goto(mock.task('Keep the history of prices for two years', '?tab=changes'))
    await page
      .getByRole('button', { name: /^Comment on line/ })
      .first()
      .waitFor()
    await tabTo(/^Comment on line/)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('textbox', { name: 'Comment on this line' }).and(page.locator(':focus')).waitFor()
    await page.keyboard.type('Why this way?')
    await page.keyboard.press('Control+Enter')
    await page.getByText('1 comment not sent yet').waitFor()
    await tabTo('Send to the agent…')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await tabTo('Send')
    await page.keyboard.press('Enter')
    await page.getByText('The review was sent to the agent').waitFor()
  })

  it('one delivers', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await page.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor()
    const needs = page.getByRole('region', { name: 'What this run needs' })
    const delivers = needs.getByRole('button', { name: /^Deliver/ })
    await page.getByRole('list', { name: 'Waiting' }).waitFor()
    for (let i = 0; i < 8 && !(await delivers.isVisible()); i++) {
      await page.keyboard.press('j')
      await page.waitForTimeout(200)
    }
    await page.getByText(/changed file/).waitFor()
    await page.waitForTimeout(800)
    await page.keyboard.press('a')
    await page.getByText('It is being delivered').waitFor()
  })
})
