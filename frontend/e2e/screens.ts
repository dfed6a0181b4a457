import { mkdirSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axe, complaints, type Look, open, tooWide } from './browser'
import { mocked } from './mock'

// Every page and every dialog, in both themes, on a narrow screen and at twice the size: nothing for axe to find, nothing
// that sticks out, no word of complaint from the browser. With SHOTS set, what it looks like is kept in that folder.

const shots = process.env.SHOTS
interface Screen {
  name: string
  path: string | ((ids: Record<string, string>) => string)
  /** What must be on the screen. */
  see: string
  /** What is done before looking. */
  act?: (page: Page) => Promise<void>
  /** What the mock begins with instead. */
  as?: string
}

const done = 'Fix the rounding of negative prices'
const plan = 'Add an endpoint that lists what is out of stock'
const delivery = 'Show stock on the product page'
const long = 'Keep the history of prices for two years'
const several = 'Find out why the nightly import is slow'
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
  {
    name: 'tasks-view',
    path: '/tasks?q=import&status=running',
    see: several,
    act: async (page) => {
      await page.getByRole('button', { name: 'Save view' }).click()
      await page.getByRole('dialog').getByLabel('Name').fill('Imports at work')
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
      await page.getByRole('button', { name: 'All', exact: true }).click()
      await page.getByText(done).first().waitFor()
      await page.getByRole('button', { name: 'Imports at work' }).click()
      await page.waitForURL(/status=running/)
      await page.getByRole('button', { name: 'Forget view' }).waitFor()
      expect(await page.getByRole('searchbox', { name: 'Search tasks' }).inputValue()).toBe('import')
    },
  },
  { name: 'tasks-board', path: '/tasks?view=board', see: 'Waits for a person' },
  { name: 'new-task', path: '/tasks?new=1', see: 'What is to be done?' },
  {
    name: 'new-task-more',
    path: '/tasks?new=1',
    see: 'What is to be done?',
    act: async (page) => {
      await page.getByLabel('Delivered as').selectOption('pull_request')
      await page.getByLabel('Attempts side by side').selectOption('3')
      await page.getByRole('button', { name: 'Wait for other tasks first' }).click()
      await page.getByLabel('Find a task').fill('date')
      await page.getByRole('button', { name: /Replace the old date picker/ }).click()
      await page.getByRole('button', { name: 'Do not wait for Replace' }).waitFor()
    },
  },
  {
    name: 'task-activity',
    path: at(long),
    see: 'Activity',
    act: async (page) => void (await page.getByRole('log').getByRole('article').first().waitFor()),
  },
  {
    name: 'task-one-kind',
    path: at(long, '?kind=decision'),
    see: 'Show (1)',
    act: async (page) => {
      // The only one is far before the newest page of everything.
      await page.getByRole('log').getByText('Plan: approve').waitFor()
      expect(await page.getByRole('log').getByRole('article').count()).toBe(1)
    },
  },
  {
    name: 'task-stop',
    path: at(long),
    see: 'Activity',
    act: async (page) => void (await page.getByRole('button', { name: /^Stop/ }).click()),
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
  {
    name: 'task-reviewed',
    path: at(delivery, '?tab=changes'),
    see: 'Say in a comment why',
    act: async (page) => {
      await page.getByText('About lines').or(page.getByText('There is a function for that')).first().waitFor()
    },
  },
  {
    name: 'task-review',
    path: at(delivery, '?tab=changes'),
    see: 'inventory/prices.py',
    act: async (page) => {
      await comment(page)
      await page.getByRole('button', { name: 'Send to the agent…' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'task-checks', path: at(done, '?tab=checks'), see: 'Newly failing' },
  { name: 'task-attempts', path: at(long, '?tab=attempts'), see: 'from event' },
  {
    name: 'task-compare',
    path: at(long, '?tab=attempts'),
    see: 'from event',
    act: async (page) => {
      await page
        .getByRole('button', { name: /^Compare Run/ })
        .first()
        .click()
      await page.getByRole('list', { name: 'Files that they changed' }).getByText('inventory/prices.py').click()
      await page.locator('.diff-line').nth(3).waitFor()
    },
  },
  { name: 'task-several', path: at(several), see: 'plans, and takes the best' },
  {
    name: 'task-one-of-several',
    path: at(several),
    see: 'plans, and takes the best',
    act: async (page) => {
      await page.getByRole('link', { name: /^Attempt 2/ }).click()
      await page.locator('[aria-current=page]', { hasText: 'Attempt 2' }).waitFor()
      await page.getByText('longer than four hours').first().waitFor()
    },
  },
  {
    name: 'task-several-attempts',
    path: at(several, '?tab=attempts'),
    see: 'Offered to the choice',
  },
  { name: 'task-waits', path: at('Drop the old import when the new one is fast'), see: 'It begins when 1 task has' },
  { name: 'task-offered', path: at(done), see: '4 checks under way' },
  {
    name: 'task-offer',
    path: at('Compress the pictures of products'),
    see: 'The branch is delivered',
    act: async (page) => {
      await page.getByRole('button', { name: 'Open pull request' }).click()
      await page.getByText('there is no token for this repository').waitFor()
    },
  },
  { name: 'pull-requests', path: '/pull-requests', see: 'changes asked for' },
  { name: 'pull-requests-merged', path: '/pull-requests?state=merged', see: '4 checks passed' },
  { name: 'pull-requests-filtered', path: '/pull-requests?state=closed', see: 'No pull request fits' },
  {
    name: 'task-question',
    path: at('Make the import of catalogues ten times faster'),
    see: 'The agent asks',
    act: async (page) => void (await page.getByRole('button', { name: 'Leave them' }).waitFor()),
  },
  { name: 'task-delivery', path: at(delivery), see: 'waits for your word' },
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
      await page.getByText('because of').first().waitFor()
    },
  },
  {
    name: 'repository-refused',
    path: '/repositories',
    see: 'shop/inventory',
    act: async (page) => {
      await page.getByRole('link', { name: 'shop/inventory' }).click()
      await page.getByRole('tab', { name: 'Settings' }).click()
      await page.getByLabel('Test command').fill('make refuse')
      await page.getByRole('button', { name: 'Save how work is done' }).click()
      await page.getByText('This command is refused').waitFor()
      expect(await page.getByLabel('Test command').evaluate((box) => box === document.activeElement)).toBe(true)
    },
  },
  {
    name: 'repository-secrets',
    path: '/repositories',
    see: 'shop/inventory',
    act: async (page) => {
      await page.getByRole('link', { name: 'shop/inventory' }).click()
      await page.getByRole('tab', { name: 'Settings' }).click()
      await page.getByRole('button', { name: 'Remove GITHUB_TOKEN' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'secret-set',
    path: '/repositories',
    see: 'shop/inventory',
    act: async (page) => {
      await page.getByRole('link', { name: 'shop/inventory' }).click()
      await page.getByRole('tab', { name: 'Settings' }).click()
      await page.getByRole('button', { name: 'Replace GITHUB_TOKEN' }).click()
      await page.getByLabel('Value').fill('two words')
      await page.getByRole('button', { name: 'Set the secret' }).click()
      await page.getByText('A token has no spaces').waitFor()
    },
  },
  {
    name: 'secret-remove',
    path: '/repositories',
    see: 'shop/inventory',
    act: async (page) => {
      await page.getByRole('link', { name: 'shop/inventory' }).click()
      await page.getByRole('tab', { name: 'Settings' }).click()
      await page.getByRole('button', { name: 'Remove GITHUB_TOKEN' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'repository-search',
    path: '/repositories',
    see: 'shop/inventory',
    act: async (page) => {
      await page.getByRole('link', { name: 'shop/inventory' }).click()
      await page.getByRole('tab', { name: 'Search' }).click()
      await page.getByLabel('Words to look for').fill('rounded')
      await page.getByText('7 lines in 4 files').waitFor()
      expect(page.url()).toContain('q=rounded')
    },
  },
  {
    name: 'repository-search-nothing',
    path: '/repositories',
    see: 'shop/inventory',
    act: async (page) => {
      await page.getByRole('link', { name: 'shop/inventory' }).click()
      await page.getByRole('tab', { name: 'Search' }).click()
      await page.getByLabel('Words to look for').fill('rounded')
      await page.getByLabel('Only below this path').fill('docs/')
      await page.getByRole('button', { name: 'Look everywhere' }).waitFor()
    },
  },
  {
    name: 'repository-delete',
    path: '/repositories',
    see: 'shop/inventory',
    act: async (page) => {
      await page.getByRole('link', { name: 'tools/old-scripts' }).click()
      await page.getByRole('tab', { name: 'Settings' }).click()
      await page.getByRole('button', { name: /^(Remove|Delete|Disconnect)/ }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'insights', path: '/insights', see: 'Where it went', act: charts },
  { name: 'insights-hours', path: '/insights?range=24h&by=role&zone=Asia%2FTokyo', see: 'Where it went', act: charts },
  { name: 'insights-year', path: '/insights?range=1y&by=repository', see: 'Where it went', act: charts },
  {
    name: 'insights-table',
    path: '/insights?range=7d&by=status',
    see: 'Where it went',
    act: async (page) => {
      await charts(page)
      for (const name of ['Cost', 'Runs', 'Tokens'])
        await page.getByRole('button', { name: `${name} as a table` }).click()
      await page.getByText('so far').first().waitFor()
    },
  },
  { name: 'notifications', path: '/notifications', see: 'Mark all as read' },
  {
    name: 'notifications-sheet',
    path: '/',
    see: 'Needs you',
    act: async (page) => {
      await page.getByRole('button', { name: /^Notifications, 3 not read/ }).click()
      await page.getByRole('dialog').getByRole('listitem').first().waitFor()
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
  { name: 'settings-notifications', path: '/settings?tab=notifications', see: 'Ends to look at' },
  { name: 'settings-models', path: '/settings?tab=models', see: 'claude-opus-5-5' },
  { name: 'settings-webhooks', path: '/settings?tab=webhooks', see: 'chat.example.org' },
  {
    name: 'new-webhook',
    path: '/settings?tab=webhooks',
    see: 'chat.example.org',
    act: async (page) => {
      await page.getByRole('button', { name: 'New webhook' }).click()
      await page.getByLabel('Address').fill('http://plain.example.org')
      await page.getByRole('button', { name: 'Add the webhook' }).click()
      await page.getByText('must begin with https://').waitFor()
    },
  },
  {
    name: 'webhook-secret',
    path: '/settings?tab=webhooks',
    see: 'chat.example.org',
    act: async (page) => {
      await page.getByRole('button', { name: 'New webhook' }).click()
      await page.getByLabel('Address').fill('https://new.example.org/hook')
      await page.getByRole('button', { name: 'Add the webhook' }).click()
      await page.getByText('whsec_').waitFor()
    },
  },
  {
    name: 'webhook-deliveries',
    path: '/settings?tab=webhooks',
    see: 'ci.example.org',
    act: async (page) => {
      const card = page.getByRole('listitem').filter({ hasText: 'ci.example.org' })
      await card.getByRole('button', { name: 'Deliveries' }).click()
      await page.getByText('503 Service Unavailable').waitFor()
    },
  },
  {
    name: 'webhook-delete',
    path: '/settings?tab=webhooks',
    see: 'ci.example.org',
    act: async (page) => {
      const card = page.getByRole('listitem').filter({ hasText: 'chat.example.org' })
      await card.getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'token-revoke',
    path: '/settings?tab=tokens',
    see: 'cg_4fa1',
    act: async (page) => {
      await page.getByRole('button', { name: 'Revoke CI' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'token-secret',
    path: '/settings?tab=tokens',
    see: 'New token',
    act: async (page) => {
      await page.getByRole('button', { name: 'New token' }).click()
      await page.getByRole('dialog').getByLabel('Name').fill('A program')
      await page.getByRole('button', { name: 'Make the token' }).click()
      await page.getByText('it is not shown again').waitFor()
    },
  },
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
      await page
        .getByRole('option', { name: /out of stock/ })
        .first()
        .waitFor()
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
  {
    name: 'menu',
    path: '/',
    see: 'Needs you',
    act: async (page) => {
      const menu = page.getByRole('button', { name: 'Menu' })
      if (!(await menu.isVisible())) return
      await menu.click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'tasks-status-menu',
    path: '/tasks',
    see: done,
    act: async (page) => {
      await page.getByRole('button', { name: 'Status' }).click()
      await page.getByRole('menu').waitFor()
    },
  },
  {
    name: 'save-view',
    path: '/tasks?q=import&status=running',
    see: several,
    act: async (page) => {
      await page.getByRole('button', { name: 'Save view' }).click()
      await page.getByRole('dialog').getByLabel('Name').fill('Imports')
    },
  },
  {
    name: 'tasks-board-selected',
    path: '/tasks?view=board',
    see: 'Waits for a person',
    act: async (page) => {
      await page.getByRole('region', { name: 'Board', exact: true }).waitFor()
      await page
        .getByRole('checkbox', { name: /^Select/ })
        .first()
        .check()
      await page.getByText('1 selected').waitFor()
    },
  },
  {
    name: 'task-kinds-menu',
    path: at(done),
    see: 'codegraph/fix-rounding',
    act: async (page) => {
      await page.getByRole('button', { name: 'Show', exact: true }).click()
      await page.getByRole('menu').waitFor()
    },
  },
  {
    name: 'task-more-menu',
    path: at(done),
    see: 'codegraph/fix-rounding',
    act: async (page) => {
      await page.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menu').waitFor()
    },
  },
  {
    name: 'task-retry-step',
    path: at(done),
    see: 'codegraph/fix-rounding',
    act: async (page) => {
      await page
        .getByRole('button', { name: /^Retry from/ })
        .first()
        .click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'task-fork-event',
    path: at(done),
    see: 'codegraph/fix-rounding',
    act: async (page) => {
      await page.getByRole('button', { name: 'Fork the run from here' }).first().click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'task-agent',
    path: at(done),
    see: 'codegraph/fix-rounding',
    act: async (page) => {
      await page
        .getByRole('button', { name: /^coder/ })
        .first()
        .click()
      await page.getByRole('dialog').getByText('turn 1').first().waitFor()
    },
  },
  {
    name: 'task-agent-tools',
    path: at(done),
    see: 'codegraph/fix-rounding',
    act: async (page) => {
      await page
        .getByRole('button', { name: /^coder/ })
        .first()
        .click()
      await page.getByRole('dialog').getByText('Tools', { exact: true }).click()
      await page.getByRole('list', { name: 'Tool calls' }).waitFor()
      await page.getByRole('dialog').getByText('What was asked, and').first().click()
    },
  },
  {
    name: 'task-search-nothing',
    path: at(done, '?q=nothing-says-this'),
    see: 'No event fits these filters',
  },
  {
    name: 'task-plan-reject',
    path: at(plan, '?tab=plan'),
    see: 'Ask for changes',
    act: async (page) => {
      await page.getByRole('button', { name: 'Reject' }).click()
      await page.getByLabel(/Why not/).waitFor()
    },
  },
  {
    name: 'task-delivery-changes',
    path: at(delivery),
    see: 'waits for your word',
    act: async (page) => void (await page.getByRole('button', { name: /^Ask for changes/ }).click()),
  },
  {
    name: 'task-delivery-reject',
    path: at(delivery),
    see: 'waits for your word',
    act: async (page) => {
      await page.getByRole('button', { name: 'Reject' }).click()
      await page
        .getByRole('textbox', { name: /Why not/ })
        .and(page.locator(':focus'))
        .waitFor()
    },
  },
  { name: 'task-budget', path: at('Move the warehouse to one table'), see: 'The budget is used up' },
  { name: 'task-needs-human', path: at('Draw the chart on the server'), see: 'a person must look' },
  { name: 'task-paused', path: at('Shorten the texts for phones'), see: 'Paused' },
  {
    name: 'task-split',
    path: at(done, '?tab=changes'),
    see: 'inventory/prices.py',
    act: async (page) => {
      const split = page.getByText('Split', { exact: true })
      if (!(await split.isVisible())) return
      await split.click()
      await page.locator('.diff-split').first().waitFor()
      await page.getByText('Unified', { exact: true }).click()
      await page.locator('.diff-unified').first().waitFor()
      await split.click()
    },
  },
  {
    name: 'task-review-discard',
    path: at(done, '?tab=changes'),
    see: 'inventory/prices.py',
    act: async (page) => {
      await comment(page)
      await page.getByRole('button', { name: 'Discard' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'toast',
    path: at(long),
    see: 'Activity',
    act: async (page) => {
      await page.getByRole('button', { name: 'Link to this event' }).last().click()
      await page.getByText(/^The link to this event/).waitFor()
    },
  },
  {
    name: 'approvals-delivery',
    path: '/approvals',
    see: 'Everything that waits',
    act: async (page) => {
      await page.getByRole('list', { name: 'Waiting' }).getByText(delivery).click()
      await page.getByText(/changed file/).waitFor()
    },
  },
  {
    name: 'runs-filtered',
    path: '/runs?status=failed&status=succeeded',
    see: 'Status (2)',
    act: async (page) => {
      await page.getByRole('button', { name: 'Status' }).click()
      await page.getByRole('menu').waitFor()
    },
  },
  {
    name: 'audit-export',
    path: '/audit?action=task&from=2026-01-01',
    see: 'task.created',
    act: async (page) => {
      await page.getByRole('button', { name: 'Export' }).click()
      await page.getByRole('menu').waitFor()
    },
  },
  { name: 'operations', path: '/operations', see: 'index_repository' },
  {
    name: 'member-role',
    path: '/settings?tab=members',
    see: 'alan@example.org',
    act: async (page) => {
      await page.getByLabel('Role of Grace Hopper').selectOption('viewer')
      await page.getByRole('button', { name: 'Change', exact: true }).waitFor()
    },
  },
  {
    name: 'member-leaves',
    path: '/settings?tab=members',
    see: 'alan@example.org',
    act: async (page) => {
      await page.getByRole('button', { name: 'Deactivate Grace Hopper' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'sessions-end',
    path: '/settings?tab=sessions',
    see: 'Firefox',
    act: async (page) => {
      await page.getByRole('button', { name: 'End all others' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'not-found', path: '/nowhere', see: 'There is no such page' },
  {
    name: 'tasks-bulk-many',
    path: '/tasks',
    see: done,
    act: async (page) => {
      // More than a handful; they begin at once, so this comes last.
      const made = await page.evaluate(async () => {
        const { items } = await (await fetch('/api/v1/repositories')).json()
        for (let i = 0; i < 9; i++)
          await fetch('/api/v1/tasks', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ title: `One of many ${i}`, repository_id: items[0].id, options: {} }),
          })
        return (await (await fetch('/api/v1/tasks?limit=200')).json()).items.length
      })
      expect(made).toBeGreaterThan(20)
      await page.reload()
      await page.getByText('One of many 8').waitFor()
      for (const box of await page.getByRole('checkbox', { name: /^Select/ }).all()) await box.check()
      await page.getByRole('button', { name: 'Archive', exact: true }).click()
      await page.getByText(/^Type/).waitFor()
    },
  },
]

async function comment(page: Page) {
  const gutter = page.locator('.diff-gutter-insert', { hasText: /^9$/ }).first()
  await gutter.hover()
  await page.getByRole('button', { name: 'Comment on line 9' }).click()
  await page.getByRole('textbox', { name: 'Comment on this line' }).fill('Why not `round`?')
  await page.getByRole('button', { name: 'Add to the review' }).click()
  await page.getByText('1 comment not sent yet').waitFor()
}

/** Waits until the library that draws has drawn. */
async function charts(page: Page) {
  await page.getByRole('img', { name: /^Cost by/ }).waitFor()
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
  { name: 'home-empty', path: '/', see: 'First steps', as: 'empty' },
  { name: 'tasks-empty', path: '/tasks', see: 'No task', as: 'empty' },
  { name: 'pull-requests-empty', path: '/pull-requests', see: 'Nothing was offered yet', as: 'empty' },
  { name: 'approvals-empty', path: '/approvals', see: 'Nothing waits', as: 'empty' },
  { name: 'notifications-empty', path: '/notifications', see: 'Nothing yet', as: 'empty' },
  { name: 'webhooks-empty', path: '/settings?tab=webhooks', see: 'No webhook yet', as: 'empty' },
  {
    name: 'setup',
    path: '/setup#code=WRONG',
    see: 'Set up',
    as: 'new',
    act: async (page) => {
      await page.getByLabel('Name').fill('Ada Lovelace')
      await page.getByLabel('E-mail').fill('ada@example.org')
      await page.getByLabel('Password').fill('correct horse battery staple')
      await page.getByRole('button', { name: 'Set up' }).click()
      await page.getByText('This is not the code').waitFor()
    },
  },
]

const chosen = process.env.SCREEN
const picked = (all: Screen[]) => all.filter(({ name }) => !chosen || name.match(chosen))

/** Goes through all of it. What is read to a person is the same on every width; `heard` says whether axe looks as well. */
export function screensIn(name: string, look: Omit<Look, 'at'>, heard: boolean) {
  describe(name, () => {
    let context: Awaited<ReturnType<typeof open>>
    let mock: Awaited<ReturnType<typeof mocked>>
    let page: Page
    let all: Record<string, string>
    beforeAll(async () => {
      if (shots) mkdirSync(shots, { recursive: true })
      mock = await mocked()
      const { items } = (await mock.read('tasks?limit=200')) as { items: { id: string; title: string }[] }
      all = Object.fromEntries(items.map(({ id, title }) => [title, id]))
      context = await open({ ...look, at: mock.url })
      page = await context.newPage()
    })
    afterAll(async () => {
      await context?.done()
      await mock?.close()
    })

    const look_at = async (screen: Screen) => {
      if (screen.as) await mock.pull(`reset?as=${screen.as}`)
      const said = complaints(page)
      await page.goto(typeof screen.path === 'string' ? screen.path : screen.path(all))
      await page.getByText(screen.see).first().waitFor({ state: 'attached' })
      await screen.act?.(page)
      // Looked at when everything has come.
      await page.waitForFunction(() => !document.querySelector('[role=status][aria-label^=Loading], .animate-pulse'))
      if (shots) await page.screenshot({ path: `${shots}/${screen.name}-${name.replaceAll(/\W+/g, '-')}.png` })
      if (heard) expect(await axe(page)).toEqual([])
      expect(await tooWide(page), 'something sticks out').toBe(false)
      // In the frame of the dashboard the page scrolls, and never the window.
      const inside = await page.locator('#main').count()
      if (inside) expect(await page.evaluate(() => [scrollX, scrollY]), 'the window has moved').toEqual([0, 0])
      expect(said).toEqual([])
      await page.evaluate(() => {
        localStorage.removeItem('codegraph.drafts')
        localStorage.removeItem('codegraph.views')
        localStorage.removeItem('codegraph.preferences')
      })
    }
    it.each(picked(screens))('$name', look_at)
    // Whoever is not signed in comes last, and then those who have nothing yet.
    it.each(picked(outside))('$name', look_at)
  })
}
