// Everything that can be said without running the program; side by side, because each is short.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const cwd = fileURLToPath(new URL('..', import.meta.url))
const checks = {
  lock: ['scripts/lock.mjs'],
  zones: ['scripts/zones.mjs'],
  biome: ['node_modules/@biomejs/biome/bin/biome', 'check', '.'],
  types: ['node_modules/typescript-7/lib/tsc.js', '-p', '.'],
  client: ['scripts/drift.mjs'],
}
const run = ([name, args]) =>
  new Promise((done) => {
    const began = performance.now()
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stdout.on('data', (text) => (said += text))
    child.stderr.on('data', (text) => (said += text))
    child.on('close', (code) => {
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} ${((performance.now() - began) / 1000).toFixed(1)} s`)
      if (code !== 0) console.log(said)
      done(code === 0)
    })
  })
const results = await Promise.all(Object.entries(checks).map(run))
process.exit(results.every(Boolean) ? 0 : 1)
