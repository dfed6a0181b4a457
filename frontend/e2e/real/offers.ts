import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { axe } from '../browser'
import { type Forge, TOKEN } from './forge'
import { ask, press, stands, tab } from './person'

/** What is done with a repository on a GitHub, from its address to the merge. */
export function offering(at: () => { page: Page; forge: Forge }): void {
  const NAME = 'on-a-forge'
  const TITLE = 'Take your time, then offer it'
  const offered = () => at().page.getByRole('region', { name: 'Pull request' })

  describe('a repository on a GitHub', () => {
    it('is connected, and gets a token', async () => {
      const { page, forge } = at()
      await page.goto('/repositories?new=1')
      await page.getByLabel('Address').fill(forge.url)
      await page.getByRole('dialog').getByLabel('Name').fill(NAME)
      await press(page, 'Connect')
      await page.getByText(/is connected/).waitFor()
      await page.getByRole('table').getByRole('link', { name: NAME }).click()
      await tab(page, 'Settings')
      await press(page, 'Set a secret')
      const dialog = page.getByRole('dialog')
      expect(await dialog.getByLabel('Name').inputValue()).toBe('GITHUB_TOKEN')
      await dialog.getByLabel('Value').fill(TOKEN)
      await dialog.getByRole('button', { name: 'Set the secret' }).click()
      await page.getByRole('button', { name: 'Remove GITHUB_TOKEN' }).waitFor()
    })

    it('has a branch delivered, which is offered from the page of the task', async () => {
      const { page, forge } = at()
      await ask(page, TITLE, { repository: NAME })
      await stands(page, 'Done')
      await press(page, 'Open pull request')
      await offered()
        .getByRole('link', { name: /^Pull request #1/ })
        .waitFor()
      expect(forge.pulls.map(({ state, head }) => [state, head.ref.startsWith('codegraph/')])).toEqual([['open', true]])
      expect(await axe(page)).toEqual([])
    })

    it('says how the pull request stands when it is looked at', async () => {
      const { page, forge } = at()
      forge.checks = ['success', null]
      await press(page, /^Sync/)
      await offered()
        .getByText('1 of 2 checks under way')
        .or(offered().getByText(/checks? under way/))
        .first()
        .waitFor()
      forge.checks = ['success', 'success']
      await press(page, /^Sync/)
      await offered().getByText('2 checks passed').waitFor()
    })

    it('lists it, also once it is merged', async () => {
      const { page, forge } = at()
      await page.getByRole('link', { name: 'Pull requests', exact: true }).click()
      const list = page.getByRole('list', { name: 'Pull requests' })
      await list.getByText('2 checks passed').waitFor()
      forge.merge(1)
      await list.getByRole('link').first().click()
      await press(page, /^Sync/)
      await offered().getByText('Merged').waitFor()
      await page.goto('/pull-requests?state=merged')
      await list.getByRole('link', { name: `#1 of ${NAME}, opens in a new tab` }).waitFor()
      expect(await list.getByRole('listitem').count()).toBe(1)
      expect(await axe(page)).toEqual([])
    })
  })
}
