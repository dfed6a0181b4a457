import type { Page } from 'playwright-core'

/** Something that a person does, or waits for, before the page is looked at. */
export type Act = (page: Page) => Promise<unknown>

export interface Screen {
  name: string
  /** An address, or what stands behind the address of a task. */
  path: string | { task: string; search?: string }
  /** What must be on the screen. */
  see: string
  /** What is done before looking. */
  act?: Act[]
  /** What the browser rightly says of an error that is shown. */
  says?: RegExp
  /** What the mock begins with instead. */
  as?: string
}

/** Where variants of one screen begin. */
export type Place = Pick<Screen, 'path' | 'see'>

export const titles = {
  done: 'Fix the rounding of negative prices',
  plan: 'Add an endpoint that lists what is out of stock',
  delivery: 'Show stock on the product page',
  long: 'Keep the history of prices for two years',
  several: 'Find out why the nightly import is slow',
}

/** The page of a task, by its title. */
export const at = (task: string, search = ''): Screen['path'] => ({ task, search })

type Role = Parameters<Page['getByRole']>[0]
const named = (name: string | RegExp) => (typeof name === 'string' ? { name, exact: true } : { name })

/** Presses the first that is called so. */
export const press =
  (name: string | RegExp, role: Role = 'button'): Act =>
  (page) =>
    page.getByRole(role, named(name)).first().click()

/** Presses one of the last: in a list that stands at its end, those at its top may be on their way out. */
export const pressLate =
  (name: string, before = 1): Act =>
  (page) =>
    page.getByRole('button', named(name)).nth(-before).click()

export const fill =
  (label: string, text: string): Act =>
  (page) =>
    page.getByLabel(label, { exact: true }).last().fill(text)

export const pick =
  (label: string, value: string): Act =>
  (page) =>
    page.getByLabel(label, { exact: true }).selectOption(value)

export const key =
  (keys: string): Act =>
  (page) =>
    page.keyboard.press(keys)

export const type =
  (text: string): Act =>
  (page) =>
    page.keyboard.type(text)

/** Waits until these words are there. */
export const words =
  (text: string | RegExp): Act =>
  (page) =>
    page.getByText(text).first().waitFor()

/** Waits until there is one. */
export const there =
  (role: Role, name?: string | RegExp): Act =>
  (page) =>
    page
      .getByRole(role, name === undefined ? {} : named(name))
      .first()
      .waitFor()

export const dialog: Act = there('dialog')
export const menu: Act = there('menu')

/** What one opens, and the dialog that comes then. */
export const opens = (name: string | RegExp, role?: Role): Act[] => [press(name, role), dialog]
