import { mkdirSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe, complaints, open, tooWide } from './browser'
import { mocked } from './mock'

// Every page and every dialog, in both themes and on a narrow screen: nothing for axe to find, nothing that sticks out,
// no word of complaint from the browser. With SHOTS set, what it looks like is kept in that folder.

const shots = process.env.SHOTS
interface Screen {
  name: string
  path: string | ((ids: Record<string, string>) => string)
  /** What must be on the screen. */
  see: string
  /** What is done before looking. */
  act?: (page: Page) => Promise<void>
}

const done = 'Fix the rounding of negative prices'
const plan = 'Add an endpoint that lists what is out of stock'
const long = 'Keep the history of prices for two years'
const at =
  (title: string, search = '') =>
  (all: Record<string, string>) =>
    `/tasks/${all[title]}${search}`

const screens: Screen[] = [
  { name: 'home', path: '/', see: 'Needs you' },
  { name: 'tasks', path: '/tasks', see: done },
  {
    name: 'tasks-selected',
    path: '/tasks',
    see: done,
    act: async (page) => {
      await page.getByRole('checkbox', { name: `Select ${done}` }).check()
      await page.getByText('1 selected').waitFor()
    },
  },
  {
    name: 'tasks-bulk',
    path: '/tasks',
    see: done,
    act: async (page) => {
      await page.getByRole('checkbox', { name: `Select ${done}` }).check()
      await page.getByRole('button', { name: 'Archive', exact: true }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'tasks-filtered-empty', path: '/tasks?q=nothing-is-called-this', see: 'No task fits these filters' },
  { name: 'tasks-board', path: '/tasks?view=board', see: 'Waits for a person' },
  { name: 'new-task', path: '/tasks?new=1', see: 'What is to be done?' },
  {
    name: 'task-activity',
    path: at(long),
    see: 'Activity',
    act: async (page) => void (await page.getByRole('log').getByRole('article').first().waitFor()),
  },
  {
    name: 'task-fork',
    path: at(done),
    see: 'codegraph/fix-rounding',
    act: async (page) => {
      await page.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: /Fork from the newest/ }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'task-retry',
    path: at(done),
    see: 'codegraph/fix-rounding',
    act: async (page) => {
      await page.getByRole('button', { name: 'Retry', exact: true }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'task-plan', path: at(plan, '?tab=plan'), see: 'Ask for changes' },
  {
    name: 'task-plan-changes',
    path: at(plan, '?tab=plan'),
    see: 'Ask for changes',
    act: async (page) => void (await page.getByRole('button', { name: 'Ask for changes' }).click()),
  },
  {
    name: 'task-plan-edit',
    path: at(plan, '?tab=plan'),
    see: 'Ask for changes',
    act: async (page) => {
      await page.getByRole('button', { name: 'Edit' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'task-changes', path: at(done, '?tab=changes'), see: 'inventory/prices.py', act: comment },
  { name: 'task-checks', path: at(done, '?tab=checks'), see: 'Newly failing' },
  { name: 'task-attempts', path: at(long, '?tab=attempts'), see: 'from event' },
  { name: 'task-question', path: at('Make the import of catalogues ten times faster'), see: 'The agent asks' },
  { name: 'task-delivery', path: at('Show stock on the product page'), see: 'waits for your word' },
  { name: 'task-failed', path: at('Raise the framework to its next version'), see: 'longer than four hours' },
  { name: 'task-missing', path: '/tasks/task_00000000000000000000000000000000', see: 'there is no such task' },
  { name: 'approvals', path: '/approvals', see: 'Everything that waits' },
  { name: 'runs', path: '/runs', see: 'Every attempt' },
  { name: 'repositories', path: '/repositories', see: 'shop/inventory' },
  { name: 'connect', path: '/repositories?new=1', see: 'Add the sample' },
  {
    name: 'repository',
    path: '/repositories',
    see: 'shop/inventory',
    act: async (page) => {
      await page.getByRole('link', { name: 'shop/inventory' }).click()
      await page.getByText('Newest commit').waitFor()
    },
  },
  {
    name: 'repository-settings',
    path: '/repositories',
    see: 'shop/inventory',
    act: async (page) => {
      await page.getByRole('link', { name: 'shop/inventory' }).click()
      await page.getByRole('tab', { name: 'Settings' }).click()
      await page.getByText('Instructions for agents').waitFor()
    },
  },
  { name: 'audit', path: '/audit', see: 'task.created' },
  {
    name: 'audit-detail',
    path: '/audit',
    see: 'task.created',
    act: async (page) => {
      await page.getByRole('button', { name: 'task.created' }).first().click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'settings-profile', path: '/settings?tab=profile', see: 'Single-key shortcuts' },
  { name: 'settings-sessions', path: '/settings?tab=sessions', see: 'Firefox' },
  { name: 'settings-tokens', path: '/settings?tab=tokens', see: 'cg_4fa1' },
  { name: 'settings-members', path: '/settings?tab=members', see: 'alan@example.org' },
  { name: 'settings-about', path: '/settings?tab=about', see: '0.1.0' },
  {
    name: 'new-token',
    path: '/settings?tab=tokens',
    see: 'New token',
    act: async (page) => {
      await page.getByRole('button', { name: 'New token' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'invite',
    path: '/settings?tab=members',
    see: 'Invite somebody',
    act: async (page) => {
      await page.getByRole('button', { name: 'Invite somebody' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'palette',
    path: '/',
    see: 'Needs you',
    act: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').waitFor()
      await page.keyboard.type('stock')
      await page.getByRole('option', { name: /out of stock/ }).waitFor()
    },
  },
  {
    name: 'shortcuts',
    path: '/',
    see: 'Needs you',
    act: async (page) => {
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'account',
    path: '/',
    see: 'Needs you',
    act: async (page) => {
      await page.getByRole('button', { name: /Your account/ }).click()
      await page.getByText('Sign out').waitFor()
    },
  },
  { name: 'not-found', path: '/nowhere', see: 'There is no such page' },
]

async function comment(page: Page) {
  const gutter = page.locator('.diff-gutter-insert', { hasText: /^9$/ }).first()
  await gutter.hover()
  await page.getByRole('button', { name: 'Comment on line 9' }).click()
  await page.getByRole('textbox', { name: 'Comment on this line' }).fill('Why not `round`?')
  await page.getByRole('button', { name: 'Add to the review' }).click()
  await page.getByText('1 comment not sent yet').waitFor()
}

const outside: Screen[] = [
  { name: 'login', path: '/login?next=/tasks', see: 'Sign in' },
  {
    name: 'login-error',
    path: '/login',
    see: 'Sign in',
    act: async (page) => {
      await page.getByLabel('E-mail').fill('ada@example.org')
      await page.getByLabel('Password').fill('wrong')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('do not fit together').waitFor()
    },
  },
  { name: 'register', path: '/register', see: 'Make an account' },
]

const looks = [
  { theme: 'light', width: 1280, height: 860 },
  { theme: 'dark', width: 1280, height: 860 },
  { theme: 'light', width: 360, height: 740 },
] as const

const chosen = process.env.SCREEN
const picked = (all: Screen[]) => all.filter(({ name }) => !chosen || name.match(chosen))

describe.each(looks)('$theme, $width wide', (look) => {
  let context: Awaited<ReturnType<typeof open>>
  let mock: Awaited<ReturnType<typeof mocked>>
  let page: Page
  let all: Record<string, string>
  const heard: string[] = []
  beforeAll(async () => {
    if (shots) mkdirSync(shots, { recursive: true })
    mock = await mocked()
    const { items } = (await mock.read('tasks?limit=200')) as { items: { id: string; title: string }[] }
    all = Object.fromEntries(items.map(({ id, title }) => [title, id]))
    context = await open({ ...look, at: mock.url })
    page = await context.newPage()
    heard.push(...complaints(page))
  })
  afterAll(async () => {
    await context?.done()
    await mock?.close()
  })

  const look_at = async (screen: Screen) => {
    const said = complaints(page)
    await page.goto(typeof screen.path === 'string' ? screen.path : screen.path(all))
    await page.getByText(screen.see).first().waitFor({ state: 'attached' })
    await screen.act?.(page)
    // Looked at when everything has come.
    await page.waitForFunction(() => !document.querySelector('[role=status][aria-label^=Loading], .animate-pulse'))
    if (shots) await page.screenshot({ path: `${shots}/${screen.name}-${look.theme}-${look.width}.png` })
    expect(await axe(page)).toEqual([])
    expect(await tooWide(page), 'something sticks out').toBe(false)
    expect(said).toEqual([])
    await page.evaluate(() => localStorage.removeItem('codegraph.drafts'))
  }
  it.each(picked(screens))('$name', look_at)
  // Whoever is not signed in comes last.
  it.each(picked(outside))('$name', look_at)
})
