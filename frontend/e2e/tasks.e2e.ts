import { beforeEach, describe, expect, it } from 'vitest'
import { attemptOf, move } from '../mocks/db'
import { axe } from './browser'
import { stage } from './stage'

// What one does with tasks: asks for them in detail, changes them, puts them away and gets them back, begins them anew.

const { mock, page } = await stage()
const done = 'Fix the rounding of negative prices'
const long = 'Keep the history of prices for two years'

const { sent } = mock

beforeEach(async () => {
  await mock.pull('reset')
  sent.length = 0
})

const row = (title: string) =>
  page.getByRole('list', { name: 'Tasks' }).getByRole('listitem').filter({ hasText: title })
const select = (title: string) => page.getByRole('checkbox', { name: `Select ${title}` }).check()
const bulk = async (word: string) => {
  await page.getByRole('region', { name: 'Selected tasks' }).getByRole('button', { name: word }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `${word} 1` })
    .click()
}
const advanced = () => page.locator('summary', { hasText: 'Advanced' })
const taskMenu = async (item: string) => {
  await page.getByRole('button', { name: 'Task', exact: true }).click()
  await page.getByRole('menuitem', { name: item, exact: true }).click()
}

describe('a task', () => {
  it('is changed only as far as one has changed it, and only if nobody else has', async () => {
    await page.goto(mock.task(done))
    await taskMenu('Edit…')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('What is to be done?').fill('Mend the rounding')
    await dialog.getByLabel('Most it may cost, in dollars').fill('12.50')
    await dialog.getByRole('button', { name: /^Save/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Mend the rounding' }).waitFor()
    await page.getByText('of $12.50').waitFor()
    expect(sent).toMatchObject([
      { method: 'PATCH', body: { title: 'Mend the rounding', budget_usd_micros: 12_500_000 }, match: '"0"' },
    ])
    await taskMenu('Edit…')
    await dialog.getByLabel('What is to be done?').fill('refuse this')
    await page.keyboard.press('Control+Enter')
    await dialog.getByText('This title is refused by the mock').waitFor()
    await dialog.getByLabel('What is to be done?').and(page.locator(':focus')).waitFor()
    const task = mock.db().tasks.find(({ title }) => title === 'Mend the rounding')
    await fetch(`${mock.url}/api/v1/tasks/${task?.id}`, { method: 'PATCH', body: '{"title":"By somebody else"}' })
    await dialog.getByLabel('What is to be done?').fill('Mine')
    await page.keyboard.press('Control+Enter')
    await dialog.getByRole('button', { name: 'Read it again, and keep my words' }).click()
    await dialog.getByText('Now it says: By somebody else').waitFor()
    expect(task?.title).toBe('By somebody else')
    expect(await dialog.getByLabel('What is to be done?').inputValue()).toBe('Mine')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('heading', { level: 1, name: 'Mine' }).waitFor()
    expect(sent.at(-1)?.body).toEqual({ title: 'Mine' })
  })

  it('is put away and got back, from its page and from the list', async () => {
    await page.goto(mock.task(done))
    await taskMenu('Archive')
    await page.getByText('The task is in the archive').waitFor()
    await page.getByText('Archived', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('The task is back in the lists').waitFor()
    await taskMenu('Archive')
    await page.getByText('Archived', { exact: true }).waitFor()
    await page.goto('/tasks?archived=1')
    await select(done)
    expect(await page.getByRole('button', { name: 'Cancel' }).count()).toBe(0)
    await bulk('Restore')
    await page.getByText('1 task restored').waitFor()
    await row(done).waitFor({ state: 'detached' })
    expect(sent.at(-1)?.body).toMatchObject({ action: 'restore' })
    await page.goto('/tasks')
    await row(done).waitFor()
  })

  it('that ran is not deleted, one that never ran is', async () => {
    await page.goto(mock.task(done))
    await page.getByRole('button', { name: 'Task', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Delete…', disabled: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.goto('/tasks?new=1')
    await page.getByLabel('What is to be done?').fill('Some day')
    await advanced().click()
    await page.getByRole('switch', { name: /^Begin at once/ }).uncheck()
    await page.getByRole('button', { name: 'Keep for later' }).click()
    await page.getByText('Not begun yet').waitFor()
    await taskMenu('Delete…')
    expect(await axe(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.waitForURL(/\/tasks$/)
    await page.getByRole('list', { name: 'Tasks' }).waitFor()
    expect(mock.db().tasks.some(({ title }) => title === 'Some day')).toBe(false)
  })

  it('is begun again, with as many attempts as one likes', async () => {
    await page.goto(mock.task(done))
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: /Begin a new run/ }).click()
    await page.getByRole('dialog').getByLabel('Attempts side by side').selectOption('3')
    await page.getByRole('dialog').getByRole('button', { name: 'Begin' }).click()
    await page.getByText('The run has begun').waitFor()
    expect(sent.at(-1)?.path).toMatch(/\/runs\?attempts=3$/)
  })

  it('is forked otherwise, and told of a sum that is not there before it is sent', async () => {
    await page.goto(mock.task(done))
    await page.getByRole('button', { name: 'Fork', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Model of every role').selectOption('claude-opus-5-5')
    await dialog.getByLabel('Most it may cost, in dollars').fill('100')
    await dialog.getByRole('button', { name: 'Fork', exact: true }).click()
    await dialog.getByLabel('Most it may cost, in dollars').and(page.locator('[aria-invalid=true]')).waitFor()
    expect(sent).toEqual([])
    await dialog.getByLabel('Most it may cost, in dollars').fill('2')
    await dialog.getByLabel('Title').fill('With another model')
    await dialog.getByRole('button', { name: 'Fork', exact: true }).click()
    await page.getByText('The fork has begun').waitFor()
    expect(sent[0]?.body).toEqual({
      from_seq: expect.any(Number),
      title: 'With another model',
      model: 'claude-opus-5-5',
      budget_usd_micros: 2_000_000,
    })
  })

  it('is asked for in every detail, and what is refused is said where it stands', async () => {
    await page.goto('/tasks?new=1')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('What is to be done?').fill('In detail')
    await dialog.getByLabel('Branch to begin at').fill('next')
    await dialog.locator('datalist option[value=next]').waitFor({ state: 'attached' })
    await advanced().click()
    await dialog.getByLabel('Model of the coder').selectOption('claude-opus-5-5')
    await dialog.getByLabel('Turns of the coder').fill('many')
    await dialog.getByLabel('Rounds of review').fill('4')
    await advanced().click()
    await dialog.getByRole('button', { name: /^Begin$/ }).click()
    // It was closed, and what is wrong in it is shown all the same.
    await dialog.getByLabel('Turns of the coder').and(page.locator(':focus')).waitFor()
    expect(sent).toEqual([])
    await page.reload()
    await dialog.getByText('3 set').waitFor()
    await advanced().click()
    await dialog.getByLabel('Turns of the coder').fill('200')
    await dialog.getByRole('button', { name: /^Begin$/ }).click()
    await page.getByRole('heading', { level: 1, name: 'In detail' }).waitFor()
    expect(sent[0]?.body).toMatchObject({
      base_branch: 'next',
      options: { models: { coder: 'claude-opus-5-5' }, limits: { coder: { turns: 200 } }, review_rounds: 4 },
    })
  })
})

describe('a list', () => {
  it('is in the order and of the person that its address says', async () => {
    const others = mock.db().users[1]
    const task = mock.db().tasks.find(({ title }) => title === done)
    if (task && others) task.created_by = { id: others.id, name: others.name }
    await page.goto('/tasks')
    await row(done).waitFor()
    await page.getByLabel('Order').selectOption('created')
    await page.waitForURL(/sort=created/)
    await expect
      .poll(() => page.getByRole('list', { name: 'Tasks' }).getByRole('link').first().textContent())
      .toBe('Move the warehouse to one table')
    await page.getByLabel('Asked for by').selectOption({ label: 'By Grace Hopper' })
    await page.waitForURL(/by=user_/)
    await expect.poll(() => page.getByRole('list', { name: 'Tasks' }).getByRole('listitem').count()).toBe(1)
    await page.reload()
    await row(done).waitFor()
    expect(await page.getByLabel('Order').inputValue()).toBe('created')
    await page.getByLabel('Asked for by').selectOption({ label: 'By me' })
    await page.waitForURL(/mine=1/)
    await row(done).waitFor({ state: 'detached' })
  })

  it('shows at once what was asked for, and takes it back when it was refused', async () => {
    await page.goto('/tasks')
    await mock.pull('trouble?fail=/bulk$&slow=1500')
    await select(long)
    await bulk('Cancel')
    await row(long).getByText('Canceled').waitFor({ timeout: 1200 })
    await page.getByText('1 task could not be canceled').waitFor()
    await row(long).getByText('Running').waitFor()
  })

  it('of runs is gone through by keyboard', async () => {
    await page.goto('/runs')
    await page.getByRole('region', { name: 'Runs' }).waitFor()
    await page.keyboard.press('j')
    const first = await page.evaluate(() => document.activeElement?.getAttribute('href'))
    await page.keyboard.press('j')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).not.toBe(first)
    await page.keyboard.press('k')
    expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe(first)
    await page.keyboard.press('o')
    await page.waitForURL((url) => `${url.pathname}${url.search}` === first)
  })

  it('that is a board keeps still under the pointer', async () => {
    await page.goto('/tasks?view=board')
    const board = page.getByRole('region', { name: 'Board', exact: true })
    const column = board.getByRole('region', { name: 'At work' })
    await column.getByText(long).hover()
    const run = mock.db().attempts.findLast(({ run }) => run.task.title === long)?.run
    await fetch(`${mock.url}/api/v1/runs/${run?.id}/cancel`, { method: 'POST' })
    await page.getByRole('button', { name: /update/ }).waitFor()
    await column.getByText(long).waitFor()
    await page.getByRole('button', { name: /update/ }).click()
    await board.getByRole('region', { name: 'Stopped' }).getByText(long).waitFor()
  })
})

describe('a run', () => {
  it('is stopped at once on the screen, and is at work again when that was refused', async () => {
    await page.goto(mock.task(long))
    await page.getByRole('log').waitFor()
    await mock.pull('trouble?fail=/cancel$&slow=1500')
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByRole('button', { name: 'Really stop?' }).click()
    const header = page.locator('main header')
    await header.getByText('Canceled').waitFor({ timeout: 1200 })
    await page.getByText('Internal Server Error').waitFor()
    await header.getByText('Running').waitFor()
  })

  it('has comments on several lines, by pointer and by keyboard', async () => {
    await page.goto(mock.task(long, '?tab=changes'))
    const file = page.getByRole('listitem', { name: 'inventory/prices.py' })
    const line = (n: number) => file.locator('.diff-gutter-insert', { hasText: new RegExp(`^${n}$`) }).first()
    await line(8).hover()
    await file.getByRole('button', { name: 'Comment on line 8' }).hover()
    await page.mouse.down()
    await line(9).hover()
    expect(await file.locator('.diff-gutter-selected').count()).toBeGreaterThan(0)
    await page.mouse.up()
    await file.getByRole('textbox', { name: 'Comment on lines 8–9' }).and(page.locator(':focus')).waitFor()
    await page.keyboard.type('These two')
    await page.keyboard.press('Control+Enter')
    await page.getByText('1 comment not sent yet').waitFor()
    const other = page.getByRole('listitem', { name: 'tests/test_prices.py' })
    await other.getByRole('button', { name: /^Comment on line/ }).focus()
    await page.keyboard.press('Shift+ArrowDown')
    await page.getByRole('button', { name: 'Comment on lines 4–5' }).and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Enter')
    await other.getByRole('textbox', { name: 'Comment on lines 4–5' }).fill('And these')
    await page.keyboard.press('Control+Enter')
    await page.getByText('2 comments not sent yet').waitFor()
    await page.getByRole('button', { name: 'Send to the agent…' }).click()
    await page.getByRole('dialog').getByText('inventory/prices.py:8–9').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText('The review was sent to the agent').waitFor()
    expect(sent.at(-1)?.body).toMatchObject({
      comments: [
        { path: 'inventory/prices.py', side: 'new', start_line: 8, line: 9 },
        { path: 'tests/test_prices.py', side: 'new', start_line: 4, line: 5 },
      ],
    })
  })

  it('hands out a file that it keeps, under a name that says what it is', async () => {
    await page.goto(mock.task(done, '?tab=checks'))
    await page.getByText('Files it keeps', { exact: true }).click()
    const saved = page.waitForEvent('download')
    await page
      .getByRole('button', { name: /^Save test-/ })
      .first()
      .click()
    expect((await saved).suggestedFilename()).toMatch(/^test-\d+-a+.*\.txt$/)
  })

  it('says what is being looked at while its tests run and while it is reviewed', async () => {
    const attempt = attemptOf(mock.db(), mock.db().tasks.find(({ title }) => title === long)?.latest_run?.id ?? '')
    if (!attempt) throw new Error('the mock has no such run')
    const now = page.getByRole('status').filter({ hasText: /tests are running|reviewer reads/ })
    await page.goto(mock.task(long, '?tab=checks'))
    await page.getByRole('heading', { level: 1, name: long }).waitFor()
    for (const [step, words] of [
      ['test', 'The tests are running'],
      ['review', 'The reviewer reads'],
    ] as const) {
      move(mock.db(), attempt, 'running', { step })
      // How a run stands is told, and what it does is read then.
      await mock.pull(`events?run=${attempt.run.id}&n=1`)
      await page.reload()
      await now.getByText(words).waitFor()
    }
    expect(await axe(page)).toEqual([])
    move(mock.db(), attempt, 'awaiting_delivery', { step: 'review' })
    await now.waitFor({ state: 'detached' })
  })

  it('says what may be charged besides what it cost, and what a number is of', async () => {
    await page.goto(mock.task(done))
    await page.getByText('Up to $0.041 more may be charged').waitFor()
    await page.getByText('This run', { exact: true }).waitFor()
  })
})
