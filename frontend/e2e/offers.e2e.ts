import { describe, expect, it } from 'vitest'
import { complaints } from './browser'
import { stage } from './stage'

// What one does once for a repository, and then with what was delivered there; and a task that waits for another.

const { mock, page } = await stage()
const said = complaints(page)

describe('a branch that was delivered', () => {
  it('is not offered without a token, and says where one is set', async () => {
    await page.goto(mock.task('Compress the pictures of products'))
    await page.getByRole('button', { name: 'Open pull request' }).click()
    await page.getByText('set the secret GITHUB_TOKEN in its settings').waitFor()
  })

  it('has its token set, which nothing shows again', async () => {
    await page.getByRole('link', { name: 'shop/site' }).click()
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'Set a secret' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.getByLabel('Name').inputValue()).toBe('GITHUB_TOKEN')
    await dialog.getByLabel('Value').fill('ghp_neverseenagain')
    await dialog.getByRole('button', { name: 'Set the secret' }).click()
    await page.getByRole('button', { name: 'Remove GITHUB_TOKEN' }).waitFor()
    expect(await page.content()).not.toContain('neverseenagain')
  })

  it('is offered, and looked at', async () => {
    await page.goto(mock.task('Compress the pictures of products'))
    await page.getByRole('button', { name: 'Open pull request' }).click()
    const offered = page.getByRole('region', { name: 'Pull request' })
    await offered.getByText('not looked at yet').waitFor()
    await offered.getByRole('button', { name: /^Sync/ }).click()
    await offered.getByText('4 checks passed').waitFor()
  })

  it('stands among all that was offered', async () => {
    await page.getByRole('link', { name: 'Pull requests', exact: true }).click()
    const list = page.getByRole('list', { name: 'Pull requests' })
    await list.getByText('Compress the pictures of products').waitFor()
    await page.getByLabel('State').selectOption('merged')
    await page.waitForURL(/state=merged/)
    await list.getByText('Count what is reserved').waitFor()
    // The rows of before stay until the new ones are there.
    await expect.poll(() => list.getByRole('listitem').count()).toBe(1)
  })
})

describe('a task that waits for another', () => {
  it('is asked for, and begins when nobody waits any more', async () => {
    await page.goto('/tasks?new=1')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('What is to be done?').fill('Afterwards')
    await dialog.getByLabel('How').selectOption('no_plan')
    await dialog.getByRole('button', { name: 'Wait for other tasks first' }).click()
    await dialog.getByLabel('Find a task').fill('nightly import')
    await dialog.getByRole('button', { name: /^Find out why/ }).waitFor()
    await dialog.getByLabel('Find a task').press('Enter')
    await dialog.getByRole('button', { name: /^Do not wait for Find out/ }).waitFor()
    await dialog.getByRole('button', { name: /^Begin$/ }).click()
    const waits = page.getByRole('region', { name: 'Tasks it waits for' })
    await waits.getByRole('link', { name: /^Find out why/ }).waitFor()
    await waits.getByRole('button', { name: /^Do not wait/ }).click()
    await waits.waitFor({ state: 'detached' })
  })

  it('has left no word of complaint in the page', () => {
    expect(said).toEqual([])
  })
})
