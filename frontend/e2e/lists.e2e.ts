import { describe, expect, it } from 'vitest'
import { move, before as past } from '../mocks/db'
import { linger } from '../mocks/handlers/repositories'
import { newRepository } from '../mocks/seed'
import { axe, complaints } from './browser'
import { stage } from './stage'

// Lists that are longer than a page, looked for in, and gone through by keyboard; and what everybody finds by its name.

const { mock, page } = await stage()
const said = complaints(page)
const focused = () => page.evaluate(() => document.activeElement?.textContent)

describe('repositories', () => {
  it('are looked for by name, which the address says', async () => {
    await page.goto('/repositories')
    await page.getByRole('link', { name: 'shop/site' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('old')
    await page.waitForURL(/q=old/)
    await page.getByRole('link', { name: 'shop/site' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Save view' }).click()
    await page.getByRole('dialog').getByLabel('Name').fill('Old ones')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('link', { name: 'shop/site' }).waitFor()
    await page.getByRole('button', { name: 'Old ones' }).click()
    await page.waitForURL(/q=old/)
    await page.getByRole('button', { name: 'Clear' }).click()
  })

  it('are gone through by keys, and opened', async () => {
    await page.goto('/repositories')
    await page.getByRole('link', { name: 'shop/site' }).waitFor()
    await page.keyboard.press('j')
    expect(await focused()).toBe('tools/old-scripts')
    await page.keyboard.press('j')
    expect(await focused()).toBe('shop/site')
    await page.keyboard.press('k')
    await page.keyboard.press('o')
    await page.getByRole('heading', { level: 1, name: 'tools/old-scripts' }).waitFor()
  })

  it('hold still under the pointer', async () => {
    // While one of them is being fetched, the list is read again and again.
    linger(newRepository(mock.db(), 'shop/endless', 'https://github.com/shop/endless.git'))
    await page.goto('/repositories')
    await page.getByRole('link', { name: 'shop/site' }).hover()
    newRepository(mock.db(), 'shop/new', 'https://github.com/shop/new.git')
    await page.getByRole('button', { name: /update/ }).waitFor()
    expect(await page.getByRole('link', { name: 'shop/new' }).count()).toBe(0)
    await page.getByRole('button', { name: /update/ }).click()
    await page.getByRole('link', { name: 'shop/new' }).waitFor()
    await mock.pull('reset')
  })

  it('of which there are too many for a list are found by typing', async () => {
    for (let i = 0; i < 210; i++) newRepository(mock.db(), `many/number-${i}`, `https://github.com/many/${i}.git`)
    const wanted = mock.db().repositories.find(({ name }) => name === 'shop/inventory')
    await page.goto('/pull-requests')
    await page.getByRole('button', { name: 'Repository: All repositories' }).click()
    const found = page.getByRole('list', { name: 'Repository' })
    await found.getByRole('button', { name: 'Show more' }).waitFor()
    expect(await axe(page)).toEqual([])
    await page.getByLabel('Find: repository').fill('inventory')
    await found.getByRole('button', { name: 'shop/inventory' }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(new RegExp(`repository=${wanted?.id}`))
    await page.getByRole('button', { name: 'Repository: shop/inventory' }).waitFor()
    await mock.pull('reset')
  })
})

describe('pull requests and approvals', () => {
  it('are gone through by keys', async () => {
    await page.goto('/pull-requests')
    await page.getByRole('list', { name: 'Pull requests' }).waitFor()
    await page.keyboard.press('j')
    const first = await focused()
    await page.keyboard.press('j')
    expect(await focused()).not.toBe(first)
    await page.keyboard.press('k')
    expect(await focused()).toBe(first)
  })

  it('hold still under the pointer', async () => {
    await page.goto('/approvals')
    const waiting = page.getByRole('list', { name: 'Waiting' })
    await waiting.getByRole('listitem').nth(1).hover()
    const titles = () => waiting.locator('span.text-sm.font-medium').allTextContents()
    const before = await titles()
    // The one that waits longest stands first: one that has waited longer than all of them comes before it.
    const first = mock.db().attempts.findIndex(({ run }) => run.status.startsWith('awaiting_'))
    const [running] = mock.db().attempts.splice(
      mock.db().attempts.findIndex(({ run }) => run.status === 'running' && !run.attempt_of),
      1,
    )
    if (!running) throw new Error('nothing is running in the mock')
    mock.db().attempts.splice(first, 0, running)
    move(mock.db(), running, 'awaiting_budget', { since: past(86_400 * 30) })
    await page.getByRole('button', { name: /update/ }).waitFor()
    expect(await titles()).toEqual(before)
    await page.getByRole('button', { name: /update/ }).click()
    await expect.poll(titles).toEqual([running.run.task.title, ...before])
  })
})

describe('people and tokens', () => {
  it('are looked for, by name, role and whether they may come in', async () => {
    await page.goto('/settings?tab=members')
    const members = page.getByRole('list', { name: 'Members' })
    await members.getByText('Linus Pauling').waitFor()
    await page.getByLabel('Standing').selectOption('yes')
    await members.getByText('Linus Pauling').waitFor({ state: 'detached' })
    await page.getByLabel('Role', { exact: true }).selectOption('maintainer')
    await members.getByText('Ada Lovelace').waitFor({ state: 'detached' })
    await page.getByLabel('Search members').fill('nobody')
    await page.getByText('Nobody fits these filters').waitFor()
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      tab: 'members',
      q: 'nobody',
      role: 'maintainer',
      active: 'yes',
    })
    await page.getByRole('button', { name: 'Show everybody' }).click()
    await members.getByText('Linus Pauling').waitFor()
  })

  it('go on after a page', async () => {
    const [one] = mock.db().tokens
    for (let i = 0; i < 60 && one; i++) mock.db().tokens.push({ ...one, id: `token_${i}`, name: `Program ${i}` })
    await page.goto('/settings?tab=tokens')
    await page.getByText('Program 48', { exact: true }).waitFor()
    expect(await page.getByText('Program 55', { exact: true }).count()).toBe(0)
    await page.getByRole('button', { name: 'Show more' }).click()
    await page.getByText('Program 55', { exact: true }).waitFor()
    await mock.pull('reset')
  })
})

describe('the palette', () => {
  const open = async (path: string) => {
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').waitFor()
  }

  it('offers what the page can do', async () => {
    const id = mock.db().repositories.find(({ name }) => name === 'shop/site')?.id
    await page.goto(`/repositories/${id}`)
    await page.getByRole('button', { name: /^Fetch now/ }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').waitFor()
    const asked = page.waitForRequest((request) => request.url().endsWith('/sync'))
    await page.keyboard.type('fetch')
    await page.getByRole('option', { name: /^Fetch now/ }).click()
    await asked
  })

  it('offers no place where one may not look, and no work that one may not begin', async () => {
    await open('/')
    await page.getByRole('option', { name: /^Audit log/ }).waitFor()
    await mock.pull('role?role=viewer')
    await open('/')
    await page.getByRole('option', { name: /^Settings/ }).waitFor()
    for (const name of [/^Audit log/, /^Operations/, /^New task/, /^Connect a repository/])
      expect(await page.getByRole('option', { name }).count()).toBe(0)
    await mock.pull('reset')
  })
})

describe('a part of the server that is down', () => {
  it('is named in operations and about, and nothing says that what is shown is old', async () => {
    mock.db().down = [{ name: 'worker', state: 'cannot reach the database' }]
    for (const path of ['/operations', '/settings?tab=about']) {
      await page.goto(path)
      const parts = page.getByRole('list', { name: 'Parts of the server' })
      await parts.getByText('cannot reach the database').waitFor()
      expect(await parts.getByRole('listitem').count()).toBe(1)
      expect(await axe(page)).toEqual([])
    }
    expect(await page.getByText(/^Some of this is from/).count()).toBe(0)
    mock.db().down = []
    await page.goto('/operations')
    await page.getByText('migrated to 14').waitFor()
  })
})

it('has left no word of complaint in the page', () => {
  expect(said).toEqual([])
})
