import { expect } from 'vitest'
import { type Act, dialog, fill, opens, type Place, press, type Screen, there, words } from './kit'

const list: Place = { path: '/repositories', see: 'shop/inventory' }
const open = (name = 'shop/inventory'): Act => press(name, 'link')
const tab = (name: string): Act => press(name, 'tab')
const settings: Act[] = [open(), tab('Settings')]
const search: Act[] = [open(), tab('Search'), fill('Words to look for', 'rounded')]

export const repositories: Screen[] = [
  { ...list, name: 'repositories' },
  { name: 'connect', path: '/repositories?new=1', see: 'Add the sample' },
  { ...list, name: 'repository', act: [open(), words('Newest commit')] },
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
]
