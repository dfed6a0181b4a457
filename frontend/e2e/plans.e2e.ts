import { beforeEach, describe, expect, it } from 'vitest'
import { stage } from './stage'

// A plan as people deal with it: sent back, read anew, compared, written differently, approved.

const { mock, page } = await stage({ lever: 'reset?beat=250' })
const plan = 'Add an endpoint that lists what is out of stock'
const ofPlan = () => mock.db().attempts.find(({ run }) => run.task.title === plan)

interface Decided {
  decision: string
  text?: string
  plan?: { summary: string; items: { title: string }[] }
}
/** What was sent as a decision. */
const decisions = () => mock.sent.filter(({ path }) => path.endsWith('/decision')).map(({ body }) => body as Decided)

beforeEach(async () => {
  await mock.pull('reset?beat=250')
  mock.sent.length = 0
  await page.goto(mock.task(plan, '?tab=plan'))
  await page.getByRole('button', { name: /^Approve/ }).waitFor()
  await page.waitForTimeout(800)
})

describe('a plan that is not right', () => {
  it('comes back as a new version, which is never put in the place of what one reads', async () => {
    await page.getByRole('button', { name: /^Ask for changes/ }).click()
    await page.getByRole('textbox', { name: 'What should be different?' }).fill('Half to even')
    await page.keyboard.press('Control+Enter')
    await page.getByText('Sent; a new plan is on its way').waitFor()
    expect(decisions()).toEqual([{ decision: 'request_changes', text: 'Half to even' }])
    const bar = page.getByText('You are reading version 1; there is a newer one.')
    await bar.waitFor()
    await page.getByText('Changes asked for').waitFor()
    await page.getByText('I make rounded round half away from zero').waitFor()
    // The old one cannot be approved any more.
    expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0)
    await page.getByRole('button', { name: 'Read version 2' }).click()
    await bar.waitFor({ state: 'detached' })
    await page.getByText('Taking up what you said').waitFor()
    await page.getByRole('button', { name: 'Compare with 1' }).click()
    const changes = page.getByRole('list', { name: 'Changes of the plan' })
    await changes.getByText(/Taking up what you said/).waitFor()
    expect(await changes.getByText('added:').count()).toBe(1)
    expect(await changes.getByText('removed:').count()).toBe(1)
    await page.getByRole('button', { name: 'Show the plan' }).click()
    await page.getByRole('button', { name: /^Approve/ }).click()
    await page.getByText('Approved; the code is being written').waitFor()
    expect(decisions().at(-1)).toEqual({ decision: 'approve' })
  })

  it('is written by hand, and sent as what is followed', async () => {
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Summary').fill('By hand')
    await dialog.getByRole('button', { name: 'Remove part 2' }).click()
    await dialog.getByRole('button', { name: 'Add a part' }).click()
    await dialog.getByRole('textbox', { name: 'Part 2' }).fill('Say it in the changelog')
    // Keys that approve what lies under the dialog do nothing from here.
    await page.keyboard.press('Control+Enter')
    expect(decisions()).toEqual([])
    await dialog.getByRole('button', { name: 'Approve this version' }).click()
    await page.getByText('Approved; the code is being written').waitFor()
    await dialog.waitFor({ state: 'detached' })
    expect(decisions().length).toBe(1)
    expect(decisions()[0]?.plan?.summary).toBe('By hand')
    expect(decisions()[0]?.plan?.items.map(({ title }) => title)).toEqual([
      'Round half away from zero',
      'Say it in the changelog',
    ])
    await page.getByText('By hand').waitFor()
  })
})

describe('a plan that is right', () => {
  it('is approved with two keys together, once', async () => {
    await page.keyboard.press('Control+Enter')
    await page.keyboard.press('Control+Enter')
    await page.getByText('Approved; the code is being written').waitFor()
    expect(decisions()).toEqual([{ decision: 'approve' }])
    expect(ofPlan()?.plans.length).toBe(1)
  })
})
