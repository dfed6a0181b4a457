import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

const axeSource = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

export interface Look {
  theme?: 'light' | 'dark'
  width?: number
  height?: number
  /** Pixels of the screen for one of the page. */
  scale?: number
  /** Where the dashboard is. */
  at: string
}

/** A browser of its own, with nothing remembered. */
export async function open({
  theme = 'light',
  width = 1280,
  height = 800,
  scale = 1,
  at,
}: Look): Promise<BrowserContext & { done: () => Promise<void> }> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(executablePath))
    throw new Error(`${executablePath} is not there: install chromium, or say with CHROMIUM where it is`)
  const profile = mkdtempSync(join(tmpdir(), 'codegraph-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--force-color-profile=srgb'],
    viewport: { width, height },
    deviceScaleFactor: scale,
    colorScheme: theme,
    reducedMotion: 'reduce',
    baseURL: at,
  })
  // A busy machine is no reason for a red test.
  context.setDefaultTimeout(20_000)
  const done = async () => {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  }
  return Object.assign(context, { done })
}

/** What the page said that it should not have: errors, and what the content security policy refused. */
export function complaints(page: Page): string[] {
  const heard: string[] = []
  page.on('pageerror', (error) => heard.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) heard.push(message.text())
  })
  return heard
}

interface Violation {
  id: string
  impact: string | null
  help: string
  nodes: { html: string; failureSummary: string }[]
}

/** Everything axe finds wrong with what is on the screen, in words; or what one rule of it does. */
export async function axe(page: Page, rule?: string): Promise<string[]> {
  // Through the debugger, as the page's policy lets no other script in.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource)
  const violations = await page.evaluate(async (rule) => {
    const { axe } = window as unknown as {
      axe: { run: (context: Document, options: object) => Promise<{ violations: Violation[] }> }
    }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const runOnly = rule ? { type: 'rule', values: [rule] } : { type: 'tag', values: tags }
    return (await axe.run(document, { runOnly, resultTypes: ['violations'] })).violations
  }, rule)
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) =>
        `${id}: ${help}\n  ${html.slice(0, 200)}\n  ${failureSummary.replace(/\n/g, '\n  ')}`,
    ),
  )
}

/** Whether anything sticks out to the right of the window, or of a dialog: that scrolls by itself, and must not sideways. */
export const tooWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const wide = ({ scrollWidth, clientWidth }: Element) => scrollWidth > clientWidth
    const inside = [...document.querySelectorAll('[role=dialog] > div')]
    return wide(document.documentElement) || inside.some(wide)
  })
