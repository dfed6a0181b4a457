import { mkdirSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { axe } from './browser'
import { stage } from './stage'

// What the dashboard keeps: the focus, what was read before a server went away, what was typed, the place of a reader.

const { mock, context, page } = await stage()
await context.grantPermissions(['clipboard-read', 'clipboard-write'])
const shots = process.env.SHOTS
if (shots) mkdirSync(shots, { recursive: true })
const keep = (name: string) => shots && page.screenshot({ path: `${shots}/${name}-light-1280.png` })

const done = 'Fix the rounding of negative prices'
const long = 'Keep the history of prices for two years'
const plan = 'Add an endpoint that lists what is out of stock'

beforeEach(async () => {
  await mock.again()
  await mock.pull('trouble')
})
const focused = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).and(page.locator(':focus'))

describe('the focus', () => {
  it('goes back to the button of a dialog, of the palette and of a menu', async () => {
    await page.goto('/tasks')
    await page.getByRole('button', { name: /^New task/ }).click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await focused(/^New task/).waitFor()
    await page.getByRole('button', { name: /^Search or run/ }).click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await focused(/^Search or run/).waitFor()
    await page.goto(mock.task(done))
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: /Begin a new run/ }).click()
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await focused('More').waitFor()
  })

  it('is on the content when what opened the box is gone', async () => {
    await page.goto('/tasks?new=1')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('main:focus').waitFor()
  })
})

describe('a link to an event', () => {
  it('is copied as it leads there, and says so', async () => {
    await page.goto(mock.task(done))
    await page.getByRole('button', { name: 'Link to this event' }).nth(2).click()
    await page.getByText('The link to this event is copied').waitFor()
    const copied = new URL(await page.evaluate(() => navigator.clipboard.readText()))
    const chosen = await page.getByRole('article').and(page.locator('.bg-surface-2')).getAttribute('aria-label')
    expect(copied.searchParams.get('run')).toMatch(/^run_/)
    expect(Number(copied.searchParams.get('e'))).toBeGreaterThan(0)
    await page.goto('/')
    await page.goto(copied.href)
    const there = page.getByRole('article').and(page.locator('.bg-surface-2'))
    await there.waitFor()
    expect(await there.getAttribute('aria-label')).toBe(chosen)
  })
})

describe('a server that goes away', () => {
  it('takes nothing from the screen, is told of after ten seconds, and is caught up with when it is back', async () => {
    await page.goto('/tasks')
    await page.getByText(done).waitFor()
    await mock.stop()
    const task = mock.db().tasks.find(({ title }) => title === done)
    if (task) task.title = 'Renamed while nobody was told'
    // A part that was not loaded before: it is waited for, and the page stays.
    await page.getByText('Board', { exact: true }).click()
    await page.getByText('This part of the page is still to be loaded').waitFor()
    await page.getByText('No connection to the server').waitFor({ timeout: 20_000 })
    await keep('state-no-connection')
    expect(await axe(page)).toEqual([])
    await mock.again()
    await page.getByRole('region', { name: 'Board', exact: true }).waitFor({ timeout: 25_000 })
    await page.getByText('Renamed while nobody was told').waitFor({ timeout: 25_000 })
    await page.getByText('No connection to the server').waitFor({ state: 'detached' })
    await mock.pull('reset')
  })

  it('that fails at reading again leaves what was read, and says of when it is', async () => {
    await page.goto('/tasks')
    await page.getByText(done).waitFor()
    await mock.pull('trouble?fail=/tasks$')
    await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
    const { items } = (await mock.read('runs?limit=200')) as { items: { id: string; status: string }[] }
    const running = items.find(({ status }) => status === 'running')
    await fetch(`${mock.url}/api/v1/runs/${running?.id}/pause`, { method: 'POST' })
    await page.getByText(/^Some of this is from/).waitFor()
    await page.getByText(done).waitFor()
    await keep('state-stale')
    expect(await axe(page)).toEqual([])
    await mock.pull('trouble')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText(/^Some of this is from/).waitFor({ state: 'detached' })
  })

  it('that fails at once is told of with the number of the request', async () => {
    await mock.pull('trouble?fail=/runs$')
    await page.goto('/runs')
    await page
      .getByRole('alert')
      .getByText(/^mock-\d+/)
      .waitFor()
    await keep('state-500')
    expect(await axe(page)).toEqual([])
    await mock.pull('trouble')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('region', { name: 'Runs' }).waitFor()
  })

  it('does not let somebody in who may not', async () => {
    await mock.pull('role?role=viewer')
    await page.goto('/audit')
    await page.getByRole('alert').getByText('your role may not read the audit log').waitFor()
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0)
    await keep('state-403')
    expect(await axe(page)).toEqual([])
    await mock.pull('reset')
  })

  it('that is slow shows where things will be', async () => {
    await mock.pull('trouble?slow=1500')
    for (const [name, path] of [
      ['home', '/'],
      ['tasks', '/tasks'],
      ['task', mock.task(done)],
    ] as const) {
      await page.goto(path)
      await page.locator('.animate-pulse').first().waitFor()
      await keep(`state-skeleton-${name}`)
      expect(await axe(page)).toEqual([])
    }
  })
})

describe('what was typed', () => {
  it('is there after a reload: a half written comment, words about a delivery, an answer', async () => {
    await page.goto(mock.task(done, '?tab=changes'))
    await page.locator('.diff-gutter-insert', { hasText: /^9$/ }).first().hover()
    await page.getByRole('button', { name: 'Comment on line 9' }).click()
    await page.getByRole('textbox', { name: 'Comment on this line' }).fill('Half a thought')
    await page.reload()
    await page.getByRole('textbox', { name: 'Comment on this line' }).waitFor()
    expect(await page.getByRole('textbox', { name: 'Comment on this line' }).inputValue()).toBe('Half a thought')
    await page.goto(mock.task('Show stock on the product page'))
    await page.getByRole('button', { name: /^Ask for changes/ }).click()
    await page.getByRole('textbox', { name: 'What should be different?' }).fill('Not so fast')
    await page.reload()
    await page.getByText('Not so fast').waitFor()
    await page.goto(mock.task('Make the import of catalogues ten times faster'))
    await page.getByRole('textbox', { name: 'Your answer' }).fill('Leave')
    await page.reload()
    await page.getByText('Leave', { exact: true }).waitFor()
  })

  it('is gone with whoever typed it', async () => {
    await page.goto('/tasks')
    await page.getByRole('button', { name: /Your account/ }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(/login/)
    // It is forgotten once the page of the sign-in has come.
    await expect
      .poll(() => page.evaluate(() => localStorage.getItem('codegraph.drafts')))
      .not.toContain('Half a thought')
    await mock.pull('reset')
  })
})

describe('a finding', () => {
  it('leads to its line, in a file that was closed', async () => {
    await page.goto(mock.task(done, '?tab=changes'))
    const first = page.getByRole('listitem', { name: 'inventory/prices.py' })
    await first.getByRole('checkbox').check()
    await page.goto(mock.task(done, '?tab=changes&file=inventory/prices.py&line=9'))
    const line = page.locator('.diff-gutter-selected').first()
    await line.waitFor()
    const box = await line.boundingBox()
    expect(box && box.y > 0 && box.y < 800).toBe(true)
  })

  it('and a file that was chosen twice is shown twice', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    await page.goto(mock.task(done, '?tab=changes'))
    const choice = page.getByLabel('Go to a file')
    await choice.waitFor()
    const files = await choice.locator('option').allTextContents()
    expect(files.length).toBeGreaterThan(2)
    await choice.selectOption({ index: files.length - 1 })
    const last = page.getByRole('listitem', { name: files.at(-1)?.replace('✓ ', '') ?? '' })
    await last.getByRole('button', { expanded: true }).waitFor()
    await page.setViewportSize({ width: 1280, height: 800 })
  })
})

describe('a plan', () => {
  it('is approved once, by a key too, and not before it could be read', async () => {
    await page.goto(mock.task(plan, '?tab=plan'))
    await page.getByRole('button', { name: /^Approve/ }).waitFor()
    const sent: string[] = []
    page.on('request', (request) => request.url().endsWith('/decision') && sent.push(request.url()))
    await page.keyboard.press('a')
    expect(sent).toEqual([])
    await page.waitForTimeout(800)
    await page.keyboard.press('a')
    await page.keyboard.press('a')
    await page.getByText('Approved; the code is being written').waitFor()
    expect(sent.length).toBe(1)
  })
})

describe('a role', () => {
  it('is changed by a press and not by an arrow key', async () => {
    await page.goto('/settings?tab=members')
    const role = page.getByLabel('Role of Grace Hopper')
    const sent: string[] = []
    page.on('request', (request) => request.method() === 'PATCH' && sent.push(request.url()))
    await role.selectOption('viewer')
    await page.getByRole('button', { name: 'Change', exact: true }).waitFor()
    expect(sent).toEqual([])
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await page.getByRole('button', { name: 'Change', exact: true }).waitFor({ state: 'detached' })
    expect(sent.length).toBe(1)
  })
})

it('a log looks for words in the whole run at once, and for errors only as far back as one wants', async () => {
  await mock.pull('reset?turns=1500')
  await page.goto(mock.task(long))
  await page.getByRole('log').waitFor()
  const asked: string[] = []
  page.on('request', (request) => request.url().includes('/events') && asked.push(new URL(request.url()).search))
  // Said once, long before the newest page.
  await page.getByRole('searchbox', { name: 'Search events' }).fill('approve')
  await page.waitForURL(/q=approve/)
  await page.getByRole('log').getByText('Plan: approve').waitFor()
  expect(await page.getByRole('log').getByRole('article').count()).toBe(1)
  expect(asked.length).toBe(1)
  expect(asked[0]).toContain('q=approve')
  await page.getByLabel('Tool', { exact: true }).selectOption('grep')
  await page.getByText('No event fits these filters').waitFor()
  await page.getByRole('button', { name: 'Show all events' }).click()
  await page.getByLabel('Tool', { exact: true }).selectOption('edit_file')
  await page.getByText('Edits inventory/prices.py').first().waitFor()
  await page.goto(mock.task(long, '?step=99'))
  await page.getByText(/^Looked through the newest/).waitFor({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Look further back' }).waitFor()
})
