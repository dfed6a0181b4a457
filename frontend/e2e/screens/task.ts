import { expect } from 'vitest'
import {
  type Act,
  at,
  dialog,
  fill,
  menu,
  opens,
  type Place,
  pick,
  press,
  pressLate,
  type Screen,
  there,
  titles,
  words,
} from './kit'

const { done, plan, delivery, long, several } = titles
const atDone: Place = { path: at(done), see: 'codegraph/fix-rounding' }
const atLong: Place = { path: at(long), see: 'Activity' }
const atPlan: Place = { path: at(plan, '?tab=plan'), see: 'Ask for changes' }
const atDelivery: Place = { path: at(delivery), see: 'waits for your word' }
const atChanges: Place = { path: at(done, '?tab=changes'), see: 'inventory/prices.py' }

const comment: Act[] = [
  (page) => page.locator('.diff-gutter-insert', { hasText: /^9$/ }).first().hover(),
  press('Comment on line 9'),
  fill('Comment on this line', 'Why not `round`?'),
  press(/^Add to the review/),
  words('1 comment not sent yet'),
]
const edit: Act[] = [press('Task'), ...opens('Edit…', 'menuitem'), there('textbox', 'What is to be done?')]
const agent: Act[] = [press(/^coder/), dialog]

/** A task at work, and what one looks at and does there. */
const activity: Screen[] = [
  { ...atLong, name: 'task-activity', act: [there('article')] },
  {
    name: 'task-one-kind',
    path: at(long, '?kind=decision'),
    see: 'Show (1)',
    act: [
      // The only one is far before the newest page of everything.
      (page) => page.getByRole('log').getByText('Plan: approve').waitFor(),
      async (page) => expect(await page.getByRole('log').getByRole('article').count()).toBe(1),
    ],
  },
  { name: 'task-search-nothing', path: at(done, '?q=nothing-says-this'), see: 'No event fits these filters' },
  {
    name: 'task-one-tool',
    path: at(done, '?tool=edit_file'),
    see: 'Edits inventory/prices.py',
    act: [
      async (page) =>
        expect(
          await page
            .getByRole('log')
            .getByText(/^Reads/)
            .count(),
        ).toBe(0),
    ],
  },
  { ...atLong, name: 'task-stop', act: [press(/^Stop/)] },
  {
    ...atLong,
    name: 'toast',
    act: [
      (page) => page.getByRole('button', { name: 'Link to this event' }).last().click(),
      words(/^The link to this event/),
    ],
  },
  { ...atDone, name: 'task-fork', act: [...opens('Fork'), there('combobox', 'Model of every role')] },
  {
    ...atDone,
    name: 'task-fork-otherwise',
    act: [
      pressLate('Fork the run from here', 8),
      dialog,
      pick('Model of every role', 'claude-opus-5-5'),
      fill('Most it may cost, in dollars', '50'),
      words(/^The task has .* left\.$/),
      words(/another model has other prices/),
    ],
  },
  { ...atDone, name: 'task-begin', act: [press('More'), ...opens(/Begin a new run/, 'menuitem')] },
  { ...atDone, name: 'task-menu', act: [press('Task'), menu] },
  { ...atLong, name: 'task-edit', act: [...edit, words('A run is under way. It goes on')] },
  {
    ...atDone,
    name: 'task-edit-stale',
    act: [
      ...edit,
      async (page) => {
        const id = /task_\w+/.exec(page.url())?.[0]
        await page.evaluate(
          (id) => fetch(`/api/v1/tasks/${id}`, { method: 'PATCH', body: JSON.stringify({ description: 'Another' }) }),
          id,
        )
      },
      fill('What is to be done?', done.replace('Fix', 'Mend')),
      press(/^Save/),
      words('Somebody has changed this task'),
    ],
  },
  { ...atDone, name: 'task-fork-event', act: [pressLate('Fork the run from here'), dialog] },
  { ...atDone, name: 'task-retry', act: opens('Retry') },
  { ...atDone, name: 'task-retry-step', act: opens(/^Retry from/) },
  { ...atDone, name: 'task-kinds-menu', act: [press('Show'), menu] },
  { ...atDone, name: 'task-more-menu', act: [press('More'), menu] },
  { ...atDone, name: 'task-agent', act: [...agent, words('turn 1')] },
  {
    ...atDone,
    name: 'task-agent-tools',
    act: [
      ...agent,
      (page) => page.getByRole('dialog').getByText('Tools', { exact: true }).click(),
      there('list', 'Tool calls'),
      (page) => page.getByRole('dialog').getByText('What was asked, and').first().click(),
    ],
  },
]

const decisions: Screen[] = [
  { ...atPlan, name: 'task-plan' },
  { ...atPlan, name: 'task-plan-changes', act: [press(/^Ask for changes/)] },
  { ...atPlan, name: 'task-plan-edit', act: opens(/^Edit/) },
  {
    name: 'task-plan-older',
    path: at(done, '?tab=plan'),
    see: 'Version 2 of 2',
    act: [pick('Version', '1'), words('there is a newer one')],
  },
  {
    name: 'task-plan-compare',
    path: at(done, '?tab=plan'),
    see: 'Version 2 of 2',
    act: [press(/^Compare with/), there('list', 'Changes of the plan')],
  },
  { ...atPlan, name: 'task-plan-reject', act: [press(/^Reject/), there('textbox', /Why not/)] },
  { ...atDelivery, name: 'task-delivery' },
  { ...atDelivery, name: 'task-delivery-changes', act: [press(/^Ask for changes/)] },
  {
    ...atDelivery,
    name: 'task-delivery-reject',
    act: [
      press(/^Reject/),
      (page) =>
        page
          .getByRole('textbox', { name: /Why not/ })
          .and(page.locator(':focus'))
          .waitFor(),
    ],
  },
  {
    name: 'task-question',
    path: at('Make the import of catalogues ten times faster'),
    see: 'The agent asks',
    act: [there('button', 'Leave them')],
  },
  { name: 'task-budget', path: at('Move the warehouse to one table'), see: 'The budget is used up' },
  { name: 'task-needs-human', path: at('Draw the chart on the server'), see: 'a person must look' },
  { name: 'task-paused', path: at('Shorten the texts for phones'), see: 'Paused' },
  { name: 'task-failed', path: at('Raise the framework to its next version'), see: 'longer than four hours' },
  { name: 'task-waits', path: at('Drop the old import when the new one is fast'), see: 'It begins when 1 task has' },
  { name: 'task-missing', path: '/tasks/task_00000000000000000000000000000000', see: 'there is no such task' },
]

const changes: Screen[] = [
  { ...atChanges, name: 'task-changes', act: comment },
  {
    ...atChanges,
    name: 'task-changes-lines',
    act: [
      (page) =>
        page
          .getByRole('button', { name: /^Comment on line/ })
          .first()
          .focus(),
      (page) => page.keyboard.press('Shift+ArrowDown'),
      (page) => page.keyboard.press('Shift+ArrowDown'),
      (page) => page.keyboard.press('Enter'),
      there('textbox', /^Comment on lines/),
    ],
  },
  {
    ...atChanges,
    name: 'task-changes-generated',
    act: [
      words('A lock file: written by a tool.'),
      (page) => page.getByRole('listitem', { name: 'poetry.lock' }).scrollIntoViewIfNeeded(),
    ],
  },
  {
    ...atChanges,
    name: 'task-split',
    act: [
      async (page) => {
        const split = page.getByText('Split', { exact: true })
        if (!(await split.isVisible())) return
        await split.click()
        await page.locator('.diff-split').first().waitFor()
        await page.getByText('Unified', { exact: true }).click()
        await page.locator('.diff-unified').first().waitFor()
        await split.click()
      },
    ],
  },
  { ...atChanges, name: 'task-review-discard', act: [...comment, ...opens('Discard')] },
  {
    name: 'task-reviewed',
    path: at(delivery, '?tab=changes'),
    see: 'Say in a comment why',
    act: [words(/About lines|There is a function for that/)],
  },
  {
    name: 'task-review',
    path: at(delivery, '?tab=changes'),
    see: 'inventory/prices.py',
    act: [...comment, ...opens(/^Send to the agent/)],
  },
]

const outcomes: Screen[] = [
  { name: 'task-checks', path: at(done, '?tab=checks'), see: 'Newly failing' },
  {
    name: 'task-kept',
    path: at(done, '?tab=checks'),
    see: 'Files it keeps',
    act: [(page) => page.getByText('Files it keeps', { exact: true }).click(), there('button', /^Save code-/)],
  },
  { name: 'task-attempts', path: at(long, '?tab=attempts'), see: 'from event' },
  {
    name: 'task-compare',
    path: at(long, '?tab=attempts'),
    see: 'from event',
    act: [
      press(/^Compare Run/),
      (page) => page.getByRole('list', { name: 'Files that they changed' }).getByText('inventory/prices.py').click(),
      (page) => page.locator('.diff-line').nth(3).waitFor(),
    ],
  },
  { name: 'task-several', path: at(several), see: 'plans, and takes the best' },
  {
    name: 'task-one-of-several',
    path: at(several),
    see: 'plans, and takes the best',
    act: [
      press(/^Attempt 2/, 'link'),
      (page) => page.locator('[aria-current=page]', { hasText: 'Attempt 2' }).waitFor(),
      words('longer than four hours'),
    ],
  },
  { name: 'task-several-attempts', path: at(several, '?tab=attempts'), see: 'Offered to the choice' },
  { name: 'task-offered', path: at(done), see: '4 checks under way' },
  {
    name: 'task-offer',
    path: at('Compress the pictures of products'),
    see: 'The branch is delivered',
    act: [press('Open pull request'), words('there is no token for this repository')],
  },
]

export const task: Screen[] = [...activity, ...decisions, ...changes, ...outcomes]
