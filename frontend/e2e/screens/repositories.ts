import { expect } from 'vitest'
import { type Act, dialog, fill, opens, type Place, press, type Screen, there, words } from './kit'

const list: Place = { path: '/repositories', see: 'shop/inventory' }
const open = (name = 'shop/inventory'): Act => press(name, 'link')
const tab = (name: string): Act => press(name, 'tab')
const settings: Act[] = [open(), tab('Settings')]
const search: Act[] = [open(), tab('Search'), fill('Words to look for', 'rounded')]
const code: Act[] = [open(), tab('Code'), there('list', 'In this folder')]
const inFolder =
  (name: string): Act =>
  (page) =>
    page.getByRole('list', { name: 'In this folder' }).getByRole('link', { name, exact: true }).click()
const connecting: Act[] = [
  (page) => page.getByRole('dialog').getByLabel('Address').fill('https://github.com/shop/endless.git'),
  (page) => page.getByRole('dialog').getByRole('button', { name: 'Connect', exact: true }).click(),
  (page) => page.getByRole('dialog').waitFor({ state: 'detached' }),
]

/** A link to what was there once. */
const gone: Act = async (page) => {
  const { pathname } = new URL(page.url())
  await page.goto(`${pathname}?path=inventory%2Fgone.py`)
}

export const repositories: Screen[] = [
  { ...list, name: 'repositories' },
  { name: 'repositories-nothing', path: '/repositories?q=nowhere', see: 'No repository is called “nowhere”' },
  { name: 'connect', path: '/repositories?new=1', see: 'Add the sample' },
  {
    name: 'connect-private',
    path: '/repositories?new=1',
    see: 'Add the sample',
    act: [
      fill('Address', 'https://git.example.org/private.git'),
      fill('Token, if it is private on GitHub', 'github_pat_1'),
      (page) => page.getByRole('dialog').getByRole('button', { name: 'Connect', exact: true }).click(),
      words('Is for repositories on the GitHub'),
    ],
  },
  { ...list, name: 'repository', act: [open(), words('Newest commit')] },
  { ...list, name: 'repository-code', act: code },
  {
    ...list,
    name: 'repository-folder',
    act: [...code, inFolder('inventory'), (page) => page.waitForURL(/inventory%2F/), inFolder('warehouse')],
  },
  {
    ...list,
    name: 'repository-file',
    act: [
      ...search,
      press(/prices\.py:\s*6$/, 'link'),
      there('region', 'inventory/prices.py'),
      (page) => page.locator('a[data-line][aria-current=location]').waitFor(),
      (page) => page.locator('.tok-keyword').first().waitFor(),
    ],
  },
  { ...list, name: 'repository-file-missing', act: [...code, gone, words('there is no such file')] },
  { ...list, name: 'repository-map', act: [open(), tab('Map'), there('list', /^Files by/), words('Shelf')] },
  { ...list, name: 'repository-settings', act: [...settings, words('because of')] },
  {
    ...list,
    name: 'repository-refused',
    act: [
      ...settings,
      fill('Test command', 'make refuse'),
      press('Save how work is done'),
      words('This command is refused'),
      async (page) =>
        expect(await page.getByLabel('Test command').evaluate((box) => box === document.activeElement)).toBe(true),
    ],
  },
  {
    ...list,
    name: 'repository-secrets',
    act: [...settings, (page) => page.getByRole('button', { name: 'Remove GITHUB_TOKEN' }).scrollIntoViewIfNeeded()],
  },
  {
    ...list,
    name: 'secret-set',
    act: [
      ...settings,
      ...opens('Replace GITHUB_TOKEN'),
      fill('Value', 'two words'),
      press('Set the secret'),
      words('A token has no spaces'),
    ],
  },
  { ...list, name: 'secret-remove', act: [...settings, ...opens('Remove GITHUB_TOKEN')] },
  {
    ...list,
    name: 'repository-search',
    act: [...search, words('7 lines in 4 files'), async (page) => expect(page.url()).toContain('q=rounded')],
  },
  {
    ...list,
    name: 'repository-search-nothing',
    act: [...search, fill('Only below this path', 'docs/'), there('button', 'Look everywhere')],
  },
  {
    ...list,
    name: 'repository-delete',
    act: [open('tools/old-scripts'), tab('Settings'), press(/^(Remove|Delete|Disconnect)/), dialog],
  },
  {
    name: 'repository-pending',
    path: '/repositories?new=1',
    see: 'Add the sample',
    act: [...connecting, open('shop/endless'), words('Its files are being fetched')],
  },
]
