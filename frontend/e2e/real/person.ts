import type { Page } from 'playwright-core'
import { complaints, open } from '../browser'
import type { Program } from './program'

export const PASSWORD = 'correct horse battery staple'

/** A browser with a page in it, and what the page should not have said. */
export async function person(program: Program) {
  const context = await open({ at: program.url })
  // Steps of a run take longer than a click.
  context.setDefaultTimeout(30_000)
  const page = context.pages()[0] ?? (await context.newPage())
  return { context, page, said: complaints(page) }
}

export const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name }).click()

/** Signs somebody in who has an account, on a browser that knows nobody. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(PASSWORD)
  await press(page, 'Sign in')
  await page.getByText(/^Hello, /).waitFor()
}

/** Asks for something, in the sample repository if none is named; ends on the page of the task. */
export async function ask(
  page: Page,
  title: string,
  how: { plan?: boolean; delivery?: boolean; repository?: string } = {},
): Promise<void> {
  await page.goto('/tasks?new=1')
  await page.getByLabel('What is to be done?').fill(title)
  if (how.repository)
    await page.getByLabel('Repository', { exact: true }).last().selectOption({ label: how.repository })
  await page.getByLabel('Ask me before code is written').setChecked(how.plan ?? false)
  await page.getByLabel('Ask me before it is delivered').setChecked(how.delivery ?? false)
  await press(page, /^Begin/)
  await page.getByRole('heading', { name: title, level: 1 }).waitFor()
}

/** Waits until the header of the task says how it stands. */
export const stands = (page: Page, word: string) =>
  page.getByRole('main').getByText(word, { exact: true }).first().waitFor({ timeout: 60_000 })

export const tab = (page: Page, name: string) => page.getByRole('tab', { name }).click()

/** Marks the page: whoever reloads it loses the mark. */
export const mark = (page: Page) => page.evaluate(() => void Object.assign(window, { marked: true }))
export const marked = (page: Page) => page.evaluate(() => 'marked' in window)
