import { describe, expect, it } from 'vitest'
import { now } from '../mocks/db'
import { arrive, linger } from '../mocks/handlers/repositories'
import { newRepository } from '../mocks/seed'
import { axe, complaints } from './browser'
import { stage } from './stage'

// A repository from its address to a line of a file in it.

const { mock, page } = await stage()
const said = complaints(page)
const theRepository = (name: string) => {
  const found = mock.db().repositories.find((one) => one.name === name)
  if (!found) throw new Error(`the mock has no repository “${name}”`)
  return found
}
const dialog = page.getByRole('dialog')
const connect = () => dialog.getByRole('button', { name: 'Connect', exact: true }).click()

describe('a large repository that is connected', () => {
  it('is shown as being fetched, and then with what is in it, without a reload', async () => {
    await page.goto('/repositories?new=1')
    await dialog.getByLabel('Address').fill('https://github.com/shop/endless.git')
    await connect()
    await page.getByText('Its files are still being fetched.').waitFor()
    const row = page.getByRole('row').filter({ hasText: 'shop/endless' })
    await row.getByText('Being fetched').and(page.locator(':visible')).waitFor()
    await row.getByRole('link').click()
    await page.getByText('Its files are being fetched').waitFor()
    await page.getByRole('button', { name: /^Fetch now/ }).click()
    await page.getByText('shop/endless is still being fetched').waitFor()
    arrive(theRepository('shop/endless'))
    await page.getByRole('region', { name: 'Branches' }).getByText('main', { exact: true }).waitFor()
    await page.getByText('Up to date', { exact: true }).waitFor()
    expect(await page.getByText('Being fetched', { exact: true }).count()).toBe(0)
  })

  it('is asked for no longer once it is there', async () => {
    let asked = 0
    page.on('request', (request) => {
      if (/repositories\/repo_[0-9a-f]+$/.test(request.url())) asked += 1
    })
    await page.waitForTimeout(5000)
    expect(asked).toBe(0)
  })
})

describe('a fetch that takes longer than the server waits for it', () => {
  const path = () => `/repositories/${theRepository('shop/slow').id}`

  it('is asked after until it has ended, and its end is told', async () => {
    newRepository(mock.db(), 'shop/slow', 'https://github.com/shop/slow.git')
    await page.goto(path())
    await page.getByText('Up to date', { exact: true }).waitFor()
    await page.getByRole('button', { name: /^Fetch now/ }).click()
    await page.getByText('shop/slow is still being fetched').waitFor()
    await page.getByText('Being fetched', { exact: true }).waitFor()
    expect(await axe(page)).toEqual([])
    Object.assign(theRepository('shop/slow'), { synced_at: now(), head_commit: 'feed0123456789' })
    await page.getByText('shop/slow is up to date').waitFor()
    await page.getByText('feed01234567', { exact: true }).first().waitFor()
    await page.getByText('Up to date', { exact: true }).waitFor()
  })

  it('is so on the list as well, and when it fails', async () => {
    await page.getByRole('button', { name: /^Fetch now/ }).click()
    await page.getByText('Being fetched', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Repositories', exact: true }).click()
    const row = page.getByRole('row').filter({ hasText: 'shop/slow' })
    await row.getByText('Being fetched').and(page.locator(':visible')).waitFor()
    Object.assign(theRepository('shop/slow'), { synced_at: now(), sync_error: 'The server has hung up.' })
    await page.getByText('shop/slow could not be fetched').waitFor()
    await row.getByText('Not fetched').and(page.locator(':visible')).waitFor()
  })
})

describe('a fetch that fails', () => {
  it('says why, in the place of what would be there', async () => {
    linger(newRepository(mock.db(), 'shop/broken', 'https://github.com/shop/broken.git'))
    await page.goto(`/repositories/${theRepository('shop/broken').id}?tab=code`)
    await page.getByText('Its files are being fetched').waitFor()
    theRepository('shop/broken').sync_error = 'The server did not answer within 15 seconds.'
    await page.getByText('The first fetch failed').waitFor()
    await page.getByText('The server did not answer within 15 seconds.').waitFor()
    expect(await axe(page)).toEqual([])
  })

  it('and says so to whoever asked for it', async () => {
    await page.goto(`/repositories/${theRepository('tools/old-scripts').id}?tab=map`)
    await page.getByRole('button', { name: /^Fetch now/ }).click()
    await page.getByText('tools/old-scripts could not be fetched').waitFor()
  })
})

describe('a private repository', () => {
  it('is connected with a token, which is kept as its secret and shown nowhere', async () => {
    await page.goto('/repositories?new=1')
    await dialog.getByLabel('Address').fill('https://github.com/shop/private.git')
    await connect()
    await dialog.getByText('Is not there, or is not open to everybody').waitFor()
    const token = dialog.getByLabel(/^Token/)
    expect(await token.getAttribute('type')).toBe('password')
    await token.fill('github_pat_neverseenagain')
    await connect()
    await page.getByRole('row').filter({ hasText: 'shop/private' }).getByRole('link').click()
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'Remove GITHUB_TOKEN' }).waitFor()
    expect(await page.content()).not.toContain('neverseenagain')
  })

  it('keeps nothing of a token that was typed and not sent', async () => {
    await page.goto('/repositories?new=1')
    await dialog.getByLabel(/^Token/).fill('half a token')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Connect a repository' }).click()
    expect(await dialog.getByLabel(/^Token/).inputValue()).toBe('')
    await page.keyboard.press('Escape')
  })
})

describe('the files', () => {
  const files = () => page.getByRole('tree', { name: 'Files' })
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-path'))

  it('are gone through by arrow keys, and a file is opened', async () => {
    await page.goto(`/repositories/${theRepository('shop/inventory').id}?tab=code`)
    await files().getByRole('treeitem', { name: 'inventory' }).focus()
    await page.keyboard.press('ArrowRight')
    await files().getByRole('treeitem', { name: 'prices.py' }).waitFor()
    for (let i = 0; i < 8 && (await focused()) !== 'inventory/prices.py'; i++) await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('inventory/prices.py')
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'inventory/prices.py' }).getByText('def').first().waitFor()
    expect(new URL(page.url()).searchParams.get('path')).toBe('inventory/prices.py')
    await page.locator('.tok-keyword').first().waitFor()
    expect(await axe(page)).toEqual([])
  })

  it('have a link for every line, by pointer and by keyboard', async () => {
    const line = page.getByRole('link', { name: 'Line 6', exact: true })
    await line.click()
    await page.waitForURL(/line=6/)
    expect(await line.getAttribute('aria-current')).toBe('location')
    await line.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(/line=7/)
    const { href } = new URL(page.url())
    await page.goto('/')
    await page.goto(href)
    await page.locator('a[data-line="7"][aria-current=location]').waitFor()
  })

  it('are looked at on another branch, which the address names', async () => {
    await page.getByLabel('Branch').selectOption('next')
    await page.waitForURL(/ref=next/)
    await page.getByRole('link', { name: 'shop/inventory', exact: true }).click()
    await files().getByRole('treeitem', { name: 'docs' }).click()
    await files().getByRole('treeitem', { name: 'NEXT.md' }).click()
    await page.getByText('A second warehouse.').waitFor()
    await page.getByLabel('Branch').selectOption({ index: 0 })
    await page.getByText('there is no such file').waitFor()
  })

  it('say so where they are no text', async () => {
    await page.goto(`/repositories/${theRepository('shop/inventory').id}?path=docs/stock.png`)
    await page.getByText('This file is not shown').waitFor()
  })

  it('are reached from what was found, and from the map', async () => {
    await page.goto(`/repositories/${theRepository('shop/inventory').id}?tab=code&q=rounded`)
    await page.getByRole('tab', { name: 'Search', selected: true }).waitFor()
    await page.getByRole('link', { name: /orders\.py:\s*6$/ }).click()
    await page.locator('a[data-line="6"][aria-current=location]').waitFor()
    await page.getByRole('tab', { name: 'Map' }).click()
    await page
      .getByRole('listitem', { name: 'inventory/warehouse/shelves.py' })
      .getByText('put', { exact: true })
      .click()
    await page.waitForURL(/line=15/)
    await page.locator('a[data-line="15"][aria-current=location]').waitFor()
  })

  it('of thousands of lines are there at once, and one far down is shown when it is asked for', async () => {
    await page.goto(`/repositories/${theRepository('shop/inventory').id}?path=data/catalogue.json&line=880`)
    const line = page.locator('a[data-line="880"]')
    await line.and(page.locator('[aria-current=location]')).waitFor()
    await expect.poll(async () => (await line.boundingBox())?.y ?? -1).toBeGreaterThan(0)
    expect((await line.boundingBox())?.y).toBeLessThan(800)
  })
})

describe('how work is done', () => {
  it('is kept whole when one thing of it is changed', async () => {
    await page.goto(`/repositories/${theRepository('shop/inventory').id}?tab=settings`)
    const hosts = page.getByLabel('Hosts that commands may reach')
    await hosts.waitFor()
    expect(await hosts.inputValue()).toBe('pypi.org\n*.pythonhosted.org')
    await page.getByRole('button', { name: /^Allow registry.npmjs.org/ }).click()
    await page.getByLabel('Minutes of work').fill('soon')
    await page.getByText('From 1 minute to a week').waitFor()
    await page.getByLabel('Minutes of work').fill('120')
    await page.getByRole('button', { name: 'Save how work is done' }).click()
    await page.getByText('Saved; the next task works so').waitFor()
    expect(mock.db().profiles.get(theRepository('shop/inventory').id)).toMatchObject({
      setup_command: 'pip install -e .[test]',
      network_hosts: ['pypi.org', '*.pythonhosted.org', 'registry.npmjs.org'],
      minutes: 120,
      limits: { coder: { turns: 200 } },
    })
  })

  it('overwrites nothing that somebody else has changed meanwhile, and loses nothing that was typed', async () => {
    const { id } = theRepository('shop/inventory')
    await page.goto(`/repositories/${id}?tab=settings`)
    await page.getByLabel('Test command').fill('make mine')
    await page.getByLabel('Instructions for agents').fill('Mine')
    const theirs = { ...mock.db().profiles.get(id), test_command: 'make theirs', minutes: 45 }
    await page.evaluate(
      ([id, body]) =>
        fetch(`/api/v1/repositories/${id}/profile`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      [id, theirs] as const,
    )
    const save = page.getByRole('button', { name: 'Save how work is done' })
    await save.click()
    await page.getByText('Somebody has changed this repository').waitFor()
    expect(mock.db().profiles.get(id)).toMatchObject({ test_command: 'make theirs', minutes: 45 })
    expect(await axe(page)).toEqual([])
    await page.getByRole('button', { name: 'Read it again, and keep my words' }).click()
    await page.getByText('Somebody else has changed it to “make theirs”.').waitFor()
    expect(await page.getByLabel('Test command').inputValue()).toBe('make mine')
    expect(await page.getByLabel('Minutes of work').inputValue()).toBe('45')
    await save.click()
    await page.getByText('Saved; the next task works so').waitFor()
    expect(mock.db().profiles.get(id)).toMatchObject({
      test_command: 'make mine',
      instructions: 'Mine',
      minutes: 45,
    })
    // Again at once: the state that came of it is known.
    await page.getByLabel('Instructions for agents').fill('Mine as well ')
    await save.click()
    await expect.poll(() => mock.db().profiles.get(id)?.instructions).toBe('Mine as well')
    await save.and(page.locator('[aria-disabled]')).waitFor()
  })

  it('is not taken for changed by others when the repository was given another name here', async () => {
    const { id } = theRepository('shop/inventory')
    await page.getByLabel('Minutes of work').fill('50')
    await page.getByLabel('Name', { exact: true }).fill('shop/stock')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'shop/stock' }).waitFor()
    expect(await page.getByLabel('Minutes of work').inputValue()).toBe('50')
    await page.getByRole('button', { name: 'Save how work is done' }).click()
    await expect.poll(() => mock.db().profiles.get(id)?.minutes).toBe(50)
    const changes = mock.sent.filter(({ path }) => path.startsWith(`/repositories/${id}`))
    expect(changes.map(({ method, match }) => [method, Boolean(match)])).toContainEqual(['PATCH', true])
    expect(changes.find(({ method }) => method === 'PATCH')?.body).toEqual({ name: 'shop/stock' })
    theRepository('shop/stock').name = 'shop/inventory'
  })

  it('is read, and not changed, by those who may not', async () => {
    await mock.pull('role?role=viewer')
    await page.reload()
    const hosts = page.getByLabel('Hosts that commands may reach')
    await hosts.waitFor()
    expect(await hosts.isEditable()).toBe(false)
    expect(await page.getByRole('button', { name: /^Allow/ }).count()).toBe(0)
    expect(await axe(page)).toEqual([])
    await mock.pull('reset')
  })
})

it('has left no word of complaint in the page', () => {
  expect(said).toEqual([])
})
