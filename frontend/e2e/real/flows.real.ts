import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { axe } from '../browser'
import { Forge } from './forge'
import { offering } from './offers'
import { ask, mark, marked, PASSWORD, person, press, stands, tab } from './person'
import { Program } from './program'
import { watching } from './windows'

// What people do, in their order, in real browsers, with the real program. Each part stands on the ones before.

let forge: Forge
let program: Program
let ada: Awaited<ReturnType<typeof person>>
let page: Page

beforeAll(async () => {
  forge = await Forge.up()
  program = await Program.up(forge.settings)
  ada = await person(program)
  page = ada.page
})
// What it looked like when it went wrong says more than a timeout.
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail' && process.env.SHOTS)
    await page.screenshot({ path: `${process.env.SHOTS}/failed.png` })
})
afterAll(async () => {
  await ada?.context.done()
  await program?.stop()
  await forge?.stop()
})

const BOLTS = 'The same bolts were sold twice'

describe('somebody who has never seen it', () => {
  it('makes the first account with the code that the server has printed', async () => {
    await page.goto(`/setup#code=${program.setupCode}`)
    expect(await page.getByLabel('Setup code').inputValue()).toBe(program.setupCode)
    await page.getByLabel('Name').fill('Ada Lovelace')
    await page.getByLabel('E-mail').fill('ada@example.org')
    await page.getByLabel('Password').fill(PASSWORD)
    await press(page, 'Set up')
    await page.getByText('Hello, Ada Lovelace.').waitFor()
  })

  it('adds the sample repository from the first steps', async () => {
    await page.getByRole('link', { name: 'Connect', exact: true }).click()
    await press(page, 'Add the sample')
    await page.getByText(/is connected/).waitFor()
    await page.getByRole('table').getByRole('link').first().waitFor()
  })

  it('asks for something, reads the plan and approves it', async () => {
    await ask(page, BOLTS, { plan: true, delivery: true })
    await stands(page, 'Plan to approve')
    // One is told, on whatever page one is.
    await page.getByRole('button', { name: 'Notifications, 1 not read' }).waitFor()
    await press(page, 'Read the plan')
    await page.getByText('Refuse reservations beyond what is available').waitFor()
    expect(await axe(page)).toEqual([])
    await press(page, /^Approve/)
    await stands(page, 'Running')
  })

  it('watches the agent live, and steers it', async () => {
    await tab(page, 'Activity')
    await page.getByText('Live', { exact: true }).waitFor()
    const log = page.getByRole('log')
    await log.getByText('Plan: approved').waitFor()
    await page.getByRole('complementary', { name: 'Steps' }).getByText('Code', { exact: true }).waitFor()
    // Said before its first turn, it would be nothing new to the second.
    await page
      .getByRole('complementary', { name: 'Steps' })
      .getByText(/\b1 turn\b/)
      .first()
      .waitFor()
    const box = page.getByLabel('Message the agent')
    await box.fill('Keep the names as they are')
    await box.press('Control+Enter')
    await log.getByText('Keep the names as they are', { exact: true }).waitFor()
    // The model only says this when it was told.
    await log.getByText('I keep the names as they are, as you say.').waitFor()
    expect(await box.inputValue()).toBe('')
  })

  it('reads tests, verdict and the difference', async () => {
    await stands(page, 'Delivery to approve')
    await tab(page, 'Checks')
    await page.getByText('Tests pass', { exact: true }).waitFor()
    await page.getByText('Mended').waitFor()
    await page.getByText('tests.test_stock.Reserving.test_nothing_is_promised_twice').first().waitFor()
    await page.getByText('Approved', { exact: true }).waitFor()
    await page.getByText('95% sure').waitFor()
    expect(await axe(page)).toEqual([])
    await tab(page, 'Changes')
    await page.locator('.diff-code-insert', { hasText: 'if quantity > item.available:' }).waitFor()
    expect(await axe(page)).toEqual([])
  })

  it('comments on a line, and sees the second round take it up', async () => {
    const line = page.locator('tr', { has: page.locator('.diff-code-insert', { hasText: 'item.available' }) })
    await line.locator('.diff-gutter-insert').last().hover()
    await line.getByRole('button', { name: /^Comment on line/ }).click()
    await page.getByRole('textbox', { name: 'Comment on this line' }).fill('Say here why')
    await press(page, /^Add to the review/)
    await page.getByText('1 comment not sent yet').waitFor()
    await press(page, 'Send to the agent…')
    await page.getByLabel('In general (may be left empty)').fill('Nearly there.')
    await press(page, 'Send')
    await page.getByText('The review was sent to the agent').waitFor()
    await page
      .locator('.diff-code-insert', { hasText: 'What is promised to others is not there any more.' })
      .waitFor({ timeout: 90_000 })
    await stands(page, 'Delivery to approve')
    // What was said stands on its line, which is another one by now.
    const said = page.locator('.diff-widget', { hasText: 'Say here why' })
    await said.getByText('Ada Lovelace').waitFor()
    await page.getByRole('list', { name: 'Reviews that were sent' }).getByText('Nearly there.').waitFor()
    await tab(page, 'Checks')
    await page.getByText('round 2').first().waitFor()
  })

  it('delivers, and sees the branch', async () => {
    await press(page, 'Deliver')
    await stands(page, 'Done')
    await page
      .getByText(/^codegraph\/the-same-bolts/)
      .first()
      .waitFor()
    await page.getByRole('link', { name: 'Tasks', exact: true }).click()
    await page.getByRole('list', { name: 'Tasks' }).getByText('Done', { exact: true }).waitFor()
  })
})

describe('afterwards', () => {
  it('reads what it was told meanwhile, and has read all of it', async () => {
    await press(page, /^Notifications, \d not read/)
    const sheet = page.getByRole('dialog')
    await sheet.getByText('Delivery to approve').first().waitFor()
    await sheet.getByText('Done', { exact: true }).waitFor()
    expect(await axe(page)).toEqual([])
    await press(page, 'Mark all as read')
    await page.getByRole('button', { name: 'Notifications', exact: true, includeHidden: true }).waitFor()
    await page.keyboard.press('Escape')
  })

  it('finds it by its name, and by what it cost', async () => {
    await page.keyboard.press('Control+k')
    await page.getByRole('dialog').getByRole('combobox').fill('bolts')
    await page
      .getByRole('option', { name: new RegExp(`${BOLTS}.*inventory`) })
      .first()
      .click()
    await page.getByRole('heading', { name: BOLTS, level: 1 }).waitFor()
    const spent = /\$[\d.]+(?= of)/.exec(await page.getByRole('main').innerText())?.[0] ?? 'none'
    expect(spent).toMatch(/^\$\d+\.\d*[1-9]/)
    await page.goto('/insights?range=24h&by=repository')
    await page.getByRole('img', { name: /^Cost by hour/ }).waitFor()
    // Figures may be a quarter of a minute old.
    await expect
      .poll(
        async () => {
          await page.reload()
          await page.getByRole('img', { name: /^Cost by hour/ }).waitFor()
          return page.getByRole('main').innerText()
        },
        { timeout: 40_000, interval: 2000 },
      )
      .toContain(`Cost\n${spent}`)
    const summary = await page.getByRole('main').innerText()
    expect(summary).toMatch(/Runs started\s+1\s/)
    expect(summary).toMatch(/Came to a good end\s+100%/)
    await page.getByRole('table').getByText('100%').first().waitFor()
    expect(await axe(page)).toEqual([])
  })
})

describe('a run', () => {
  it('is stopped, and taken up again from a step', async () => {
    await ask(page, 'Take your time and stop')
    await page.getByRole('log').getByText('I look around: 1 of 6.').waitFor()
    await press(page, /^Stop/)
    await press(page, 'Really stop?')
    await stands(page, 'Canceled')
    await press(page, 'Retry from “Plan”')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Runs again').waitFor()
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click()
    await stands(page, 'Running')
    await stands(page, 'Done')
  })

  it('is forked, and both are there to compare', async () => {
    await page.getByRole('button', { name: 'Fork', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Fork', exact: true }).click()
    await page.getByText('The fork has begun').waitFor()
    await stands(page, 'Done')
    await tab(page, 'Attempts')
    const attempts = page.getByRole('table')
    await attempts.getByText(/^from event \d+$/).waitFor()
    expect(await attempts.getByRole('link', { name: /^Run \d$/ }).count()).toBe(2)
  })

  it('is forked from an event in the middle of a step, and pays for nothing before that', async () => {
    await page.getByRole('table').getByRole('link', { name: 'Run 1', exact: true }).click()
    await tab(page, 'Activity')
    await page.getByLabel('Search events').fill('3 of 6')
    const middle = page.getByRole('log').getByRole('article').filter({ hasText: 'I look around: 3 of 6.' })
    await middle.last().getByRole('button', { name: 'Fork the run from here' }).click()
    const dialog = page.getByRole('dialog')
    const from = Number(/up to event (\d+)/.exec(await dialog.innerText())?.[1])
    await dialog.getByText('Runs again').waitFor()
    await dialog.getByRole('button', { name: 'Fork', exact: true }).click()
    await page.getByText('The fork has begun').first().waitFor()
    await stands(page, 'Done')
    await page.getByRole('log').getByText('Now the code.').waitFor()
    const { run, said } = await page.evaluate(async () => {
      const read = async (path: string) => (await fetch(`/api/v1/${path}`)).json()
      const [run] = (await read('runs?limit=1')).items as { id: string; fork_seq?: number }[]
      const { items } = await read(`runs/${run?.id}/events?after=${run?.fork_seq}&limit=200`)
      const ends = (items as { run_id: string; type: string; phase?: string; title: string }[]).filter(
        ({ type, phase }) => type === 'model_call' && phase === 'finished',
      )
      return { run, said: ends.map(({ title }) => title).filter((title) => title.startsWith('I look around')) }
    })
    expect(run?.fork_seq).toBe(from)
    expect(said).toEqual([4, 5, 6].map((n) => `I look around: ${n} of 6.`))
    await tab(page, 'Attempts')
    await page.getByRole('table').getByText(`from event ${from}`, { exact: true }).waitFor()
    expect(
      await page
        .getByRole('table')
        .getByRole('link', { name: /^Run \d$/ })
        .count(),
    ).toBe(3)
  })
})

describe('a repository', () => {
  const settings = async () => {
    await page.goto('/repositories')
    await page.getByRole('table').getByRole('link').first().click()
    await tab(page, 'Settings')
    await page.getByRole('heading', { name: 'Found in the repository' }).waitFor()
  }

  it('says what is found in it, and is told how its tests are run', async () => {
    await settings()
    const found = page.getByRole('complementary', { name: 'Found in the repository' })
    await found.getByText(/^Python/).waitFor()
    const command = (await found.locator('code', { hasText: 'unittest' }).first().textContent()) ?? ''
    await page.getByLabel('Test command').fill(`${command} -v`)
    await press(page, 'Save how work is done')
    await page.getByText('Saved; the next task works so').waitFor()
    await page.reload()
    await found.waitFor()
    expect(await page.getByLabel('Test command').inputValue()).toBe(`${command} -v`)
    await page.getByLabel('Test command').fill('x'.repeat(5000))
    await press(page, 'Save how work is done')
    await page.getByText(/^Has more than \d+ characters/).waitFor()
    expect(await page.getByLabel('Test command').evaluate((box) => box === document.activeElement)).toBe(true)
    await page.getByLabel('Test command').fill('')
    await press(page, 'Save how work is done')
    await page.getByText('Saved; the next task works so').first().waitFor()
    expect(await axe(page)).toEqual([])
  })

  it('keeps a secret, and shows it to nobody', async () => {
    await press(page, 'Set a secret')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('9lives')
    await dialog.getByLabel('Value').fill('neverseenagain')
    await dialog.getByRole('button', { name: 'Set the secret' }).click()
    await dialog.getByText(/begins with a letter/).waitFor()
    await dialog.getByLabel('Name').fill('deploy_key')
    await dialog.getByRole('button', { name: 'Set the secret' }).click()
    await press(page, 'Remove DEPLOY_KEY')
    expect(await page.content()).not.toContain('neverseenagain')
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('button', { name: 'Set a secret' }).waitFor()
  })

  it('is searched, line by line', async () => {
    await tab(page, 'Search')
    await page.getByLabel('Words to look for').fill('DEF RESERVE')
    await page.waitForURL(/q=DEF/)
    const found = page.getByRole('list', { name: 'What was found' })
    await found.getByText('inventory/stock.py', { exact: true }).waitFor()
    await page.getByLabel('Only below this path').fill('tests')
    await page.getByText('Nothing holds “DEF RESERVE”').waitFor()
  })
})

describe('tasks that have to do with each other', () => {
  it('wait for one another, and begin by themselves', async () => {
    await ask(page, 'Take your time first')
    await page.goto('/tasks?new=1')
    await page.getByLabel('What is to be done?').fill('Take your time afterwards')
    await page.getByLabel('Ask me before code is written').setChecked(false)
    await press(page, 'Wait for other tasks first')
    await page.getByLabel('Find a task').fill('your time first')
    await page.getByLabel('Find a task').press('Enter')
    await page.getByRole('button', { name: 'Do not wait for Take your time first' }).waitFor()
    await press(page, /^Begin/)
    await stands(page, 'Waits for tasks')
    await page.getByRole('link', { name: 'Take your time first' }).waitFor()
    expect(await axe(page)).toEqual([])
    await stands(page, 'Running')
    await stands(page, 'Done')
  })

  it('are tried side by side, and the best is taken', async () => {
    await page.goto('/tasks?new=1')
    await page.getByLabel('What is to be done?').fill('Take your time twice')
    await page.getByLabel('Ask me before code is written').setChecked(false)
    await page.getByLabel('Attempts side by side').selectOption('2')
    await press(page, /^Begin/)
    const strip = page.getByRole('navigation', { name: 'Attempts side by side' })
    await strip.getByRole('link', { name: /^Attempt 2/ }).click({ timeout: 60_000 })
    await page.locator('[aria-current=page]', { hasText: 'Attempt 2' }).waitFor()
    await page.getByRole('log').getByText('I look around: 1 of 6.').waitFor()
    await strip.getByRole('link', { name: /^The run/ }).click()
    await strip.getByText('Taken', { exact: true }).waitFor({ timeout: 60_000 })
    expect(await strip.getByText('Taken', { exact: true }).count()).toBe(1)
    await tab(page, 'Attempts')
    await page.getByRole('table').getByRole('link', { name: 'Attempt 1' }).waitFor()
    expect(await axe(page)).toEqual([])
  })
})

describe('two people', () => {
  it('see what the other does, as it happens', async () => {
    await page.goto('/repositories')
    await page.getByRole('table').getByRole('link').first().click()
    await tab(page, 'Settings')
    await page.getByLabel('Everybody here may see it').check()
    await press(page, 'Save')
    await page.getByText('Saved', { exact: true }).waitFor()
    await page.goto('/settings?tab=members')
    await press(page, 'Invite somebody')
    await page.getByRole('dialog').getByLabel('E-mail').fill('grace@example.org')
    await press(page, 'Invite')
    const link = await page.getByRole('dialog').locator('code').innerText()

    const grace = await person(program)
    try {
      const { pathname, search, hash } = new URL(link)
      await grace.page.goto(pathname + search + hash)
      await grace.page.getByLabel('Name').fill('Grace Hopper')
      await grace.page.getByLabel('E-mail').fill('grace@example.org')
      await grace.page.getByLabel('Password').fill(PASSWORD)
      await press(grace.page, 'Make the account')
      await grace.page.getByText('Hello, Grace Hopper.').waitFor()
      await grace.page.getByRole('link', { name: 'Tasks', exact: true }).click()
      await grace.page.getByText(BOLTS).waitFor()
      await mark(grace.page)

      await ask(page, 'Take your time, Grace watches')
      const row = grace.page.getByRole('listitem').filter({ hasText: 'Grace watches' })
      await row.getByText('Running').waitFor()
      await press(page, /^Stop/)
      await press(page, 'Really stop?')
      await row.getByText('Canceled').waitFor()
      expect(await marked(grace.page)).toBe(true)

      await page.goto('/tasks')
      await mark(page)
      await ask(grace.page, 'Take your time, Ada watches')
      await page.getByRole('listitem').filter({ hasText: 'Ada watches' }).getByText('Running').waitFor()
      expect(await marked(page)).toBe(true)
      expect(grace.said).toEqual([])
    } finally {
      await grace.context.done()
    }
  })
})

watching(() => ({ page, program }))

offering(() => ({ page, forge }))

describe('a server that dies in the middle', () => {
  it('is missed by nobody: the page goes on by itself', async () => {
    await ask(page, 'Take your time and survive')
    const log = page.getByRole('log')
    await log.getByText('I look around: 2 of 6.').waitFor()
    await mark(page)
    await program.kill()
    await page.getByText('Reconnecting', { exact: true }).waitFor()
    await program.start()
    await page.getByText('Live', { exact: true }).waitFor()
    await stands(page, 'Done')
    expect(await marked(page)).toBe(true)
    // Every act once, although the server has died among them.
    const said = await page.evaluate(async () => {
      const read = async (path: string) => (await fetch(`/api/v1/${path}`)).json()
      const [run] = (await read('runs?limit=1')).items as { id: string }[]
      const { items } = await read(`runs/${run?.id}/events?after=0&limit=200`)
      const ends = (items as { type: string; phase?: string; title: string }[]).filter(
        ({ type, phase }) => type === 'model_call' && phase === 'finished',
      )
      return ends.map(({ title }) => title).filter((title) => title.startsWith('I look around'))
    })
    expect(said).toEqual([1, 2, 3, 4, 5, 6].map((n) => `I look around: ${n} of 6.`))
    await tab(page, 'Changes')
    await page.locator('.diff-code-insert', { hasText: 'if quantity > item.available:' }).waitFor()
  })

  it('has left no word of complaint in the page', () => {
    expect(ada.said).toEqual([])
  })
})
