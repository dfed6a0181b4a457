// All gates of the dashboard, one after the other, and at the end one line: `N passed, N failed`. Passed are tests; failed
// are tests, and gates that did not hold. A gate that says nothing has failed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cwd = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'codegraph-ci-'))
const vitest = ['node_modules/vitest/vitest.mjs', 'run']
const gates = [
  { name: 'check', args: ['scripts/check.mjs'] },
  { name: 'tests', args: vitest, counts: true },
  { name: 'build', args: ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'] },
  { name: 'budget', args: ['scripts/budget.mjs'] },
  { name: 'browser', args: [...vitest, '--config', 'vitest.e2e.config.ts'], counts: true },
]

const total = { passed: 0, failed: 0 }
for (const { name, args, counts } of gates) {
  console.log(`— ${name}`)
  const file = join(folder, name)
  const { status } = spawnSync(process.execPath, args, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, COUNTS: counts ? file : '' },
  })
  let told = { passed: 0, failed: 0 }
  try {
    if (counts) told = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    console.error(`${name} ended without a word about its tests`)
  }
  const empty = counts && told.passed + told.failed === 0
  total.passed += told.passed
  total.failed += told.failed + (told.failed === 0 && (status !== 0 || empty) ? 1 : 0)
}
rmSync(folder, { recursive: true, force: true })
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)
