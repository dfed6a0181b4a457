import { expect } from 'vitest'
import { type Act, fill, menu, opens, type Place, pick, press, type Screen, there, titles, words } from './kit'

const list: Place = { path: '/tasks', see: titles.done }
const board: Place = { path: '/tasks?view=board', see: 'Waits for a person' }
const filtered: Place = { path: '/tasks?q=import&status=running', see: titles.several }
const fresh: Place = { path: '/tasks?new=1', see: 'What is to be done?' }

const tick =
  (name: string | RegExp): Act =>
  (page) =>
    page.getByRole('checkbox', { name }).first().check()
const one = tick(`Select ${titles.done}`)

const advanced: Act = (page) => page.locator('summary', { hasText: 'Advanced' }).click()

/** The list and the board of tasks, and what one asks for. */
export const tasks: Screen[] = [
  { ...list, name: 'tasks' },
  { ...list, name: 'tasks-selected', act: [one, words('1 selected')] },
  { ...list, name: 'tasks-bulk', act: [one, ...opens('Archive')] },
  { ...list, name: 'tasks-status-menu', act: [press('Status'), menu] },
  { name: 'tasks-filtered-empty', path: '/tasks?q=nothing-is-called-this', see: 'No task fits these filters' },
  { ...filtered, name: 'save-view', act: [...opens('Save view'), fill('Name', 'Imports')] },
  {
    ...filtered,
    name: 'tasks-view',
    act: [
      ...opens('Save view'),
      fill('Name', 'Imports at work'),
      press('Save'),
      press('All'),
      words(titles.done),
      press('Imports at work'),
      (page) => page.waitForURL(/status=running/),
      there('button', 'Forget view'),
      async (page) => expect(await page.getByRole('searchbox', { name: 'Search tasks' }).inputValue()).toBe('import'),
    ],
  },
  { ...board, name: 'tasks-board' },
  {
    ...board,
    name: 'tasks-board-selected',
    act: [there('region', 'Board'), tick(/^Select/), words('1 selected')],
  },
  { ...fresh, name: 'new-task' },
  {
    ...fresh,
    name: 'new-task-advanced',
    act: [
      fill('What is to be done?', 'With everything'),
      fill('Branch to begin at', 'somewhere-else'),
      words('Not among the branches'),
      advanced,
      pick('Model of the coder', 'claude-opus-5-5'),
      fill('Minutes of work', '0'),
      press(/^Begin$/),
      words('A whole number from 1 to 10080'),
    ],
  },
  {
    ...fresh,
    name: 'new-task-more',
    act: [
      pick('Delivered as', 'pull_request'),
      pick('Attempts side by side', '3'),
      press('Wait for other tasks first'),
      fill('Find a task', 'date'),
      press(/Replace the old date picker/),
      there('button', /^Do not wait for Replace/),
    ],
  },
]

/** What was asked for and not begun, and what was put away: these change what the lists show. */
export const keptTasks: Screen[] = [
  {
    ...fresh,
    name: 'task-not-started',
    act: [
      fill('What is to be done?', 'Some day'),
      fill('Everything the agent should know', 'When there is time.\n\n- First this'),
      advanced,
      (page) => page.getByRole('switch', { name: /^Begin at once/ }).uncheck(),
      press(/^Keep for later/),
      words('Not begun yet'),
      there('button', 'Begin'),
    ],
  },
  {
    ...list,
    name: 'tasks-archived',
    act: [
      tick('Select Some day'),
      press('Archive'),
      press('Archive 1'),
      words('1 task archived'),
      async (page) => {
        await page.goto('/tasks?archived=1')
        await page.getByRole('checkbox', { name: 'Select Some day' }).check()
      },
      ...opens('Restore'),
    ],
  },
]

/** More than a handful; they begin at once, so this comes last. */
export const manyTasks: Screen = {
  ...list,
  name: 'tasks-bulk-many',
  act: [
    async (page) => {
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
    },
    words('One of many 8'),
    async (page) => {
      for (const box of await page.getByRole('checkbox', { name: /^Select/ }).all()) await box.check()
    },
    press('Archive'),
    words(/^Type/),
  ],
}
