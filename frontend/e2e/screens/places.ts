import {
  type Act,
  dialog,
  fill,
  key,
  menu,
  opens,
  type Place,
  press,
  type Screen,
  there,
  titles,
  type,
  words,
} from './kit'

const home: Place = { path: '/', see: 'Needs you' }
const audit: Place = { path: '/audit', see: 'task.created' }
const insights = (search = ''): Place => ({ path: `/insights${search}`, see: 'Where it went' })
/** The library that draws has drawn. */
const charts: Act = there('img', /^Cost by/)

/** Everything that is not a task, a repository or a setting. */
export const places: Screen[] = [
  { ...home, name: 'home' },
  { ...home, name: 'palette', act: [key('Control+k'), dialog, type('stock'), there('option', /out of stock/)] },
  { ...home, name: 'shortcuts', act: [key('?'), dialog] },
  { ...home, name: 'account', act: [press(/Your account/), words('Sign out')] },
  {
    ...home,
    name: 'menu',
    act: [
      async (page) => {
        const button = page.getByRole('button', { name: 'Menu' })
        if (!(await button.isVisible())) return
        await button.click()
        await dialog(page)
      },
    ],
  },
  {
    ...home,
    name: 'notifications-sheet',
    act: [
      ...opens(/^Notifications, 3 not read/),
      (page) => page.getByRole('dialog').getByRole('listitem').first().waitFor(),
    ],
  },
  { name: 'notifications', path: '/notifications', see: 'Mark all as read' },
  { name: 'approvals', path: '/approvals', see: 'Everything that waits' },
  {
    name: 'approvals-delivery',
    path: '/approvals',
    see: 'Everything that waits',
    act: [
      (page) => page.getByRole('list', { name: 'Waiting' }).getByText(titles.delivery).click(),
      words(/changed file/),
    ],
  },
  { name: 'runs', path: '/runs', see: 'Every attempt' },
  {
    name: 'runs-filtered',
    path: '/runs?status=failed&status=succeeded',
    see: 'Status (2)',
    act: [press(/^Status/), menu],
  },
  { name: 'pull-requests', path: '/pull-requests', see: 'changes asked for' },
  { name: 'pull-requests-merged', path: '/pull-requests?state=merged', see: '4 checks passed' },
  { name: 'pull-requests-filtered', path: '/pull-requests?state=closed', see: 'No pull request fits' },
  { ...insights(), name: 'insights', act: [charts] },
  { ...insights('?range=24h&by=role&zone=Asia%2FTokyo'), name: 'insights-hours', act: [charts] },
  { ...insights('?range=1y&by=repository'), name: 'insights-year', act: [charts] },
  {
    ...insights('?range=7d&by=status'),
    name: 'insights-table',
    act: [charts, ...['Cost', 'Runs', 'Tokens'].map((name) => press(`${name} as a table`)), words('so far')],
  },
  { ...audit, name: 'audit' },
  { ...audit, name: 'audit-detail', act: opens('user.role_changed') },
  {
    ...audit,
    name: 'audit-raw',
    act: [...opens('task.created'), (page) => page.getByText('Raw', { exact: true }).click(), words('"started": true')],
  },
  {
    ...audit,
    name: 'audit-chain',
    act: [
      press('Check the chain'),
      words('Nothing was rewritten'),
      ...opens('Keep or compare…'),
      fill('Number', '3'),
      fill('Hash', 'f'.repeat(64)),
      press('Compare'),
      words('is another than the one that was kept'),
    ],
  },
  {
    name: 'audit-export',
    path: '/audit?action=task&from=2026-01-01',
    see: 'task.created',
    act: [press('Export'), menu],
  },
  { name: 'operations', path: '/operations', see: 'index_repository' },
  {
    ...home,
    name: 'root-error',
    says: /Internal Server Error/,
    act: [
      async (page) => {
        // Nothing can be shown to somebody of whom nobody knows who they are.
        const problem = { type: 'about:blank', title: 'Internal Server Error', status: 500, request_id: 'mock-0' }
        await page.route('**/auth/me', (route) => route.fulfill({ status: 500, json: problem }))
        await page.goto('/tasks')
        await page.getByRole('alert').waitFor()
        await page.unroute('**/auth/me')
      },
    ],
  },
  { name: 'not-found', path: '/nowhere', see: 'There is no such page' },
]
