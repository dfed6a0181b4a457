// The client in the tree is what the generator makes of openapi/codegraph.json today.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const committed = join(root, 'src/api/generated')
// Inside the project: the generator looks for a tsconfig from its output upwards.
const fresh = mkdtempSync(join(root, 'node_modules/.drift-'))
const files = (dir) =>
  readdirSync(dir).flatMap((name) =>
    statSync(join(dir, name)).isDirectory() ? files(join(dir, name)) : [join(dir, name)],
  )
try {
  const made = spawnSync(
    process.execPath,
    ['node_modules/@hey-api/openapi-ts/bin/run.js', '-f', 'openapi-ts.config.ts'],
    {
      cwd: root,
      env: { ...process.env, OPENAPI_OUT: fresh },
      encoding: 'utf8',
    },
  )
  if (made.status !== 0) throw new Error(made.stdout + made.stderr)
  const read = (dir) => new Map(files(dir).map((path) => [relative(dir, path), readFileSync(path, 'utf8')]))
  const [want, have] = [read(fresh), read(committed)]
  const differ = [...new Set([...want.keys(), ...have.keys()])].filter((name) => want.get(name) !== have.get(name))
  if (differ.length > 0) {
    console.error(
      `src/api/generated is not what openapi/codegraph.json says: ${differ.join(', ')}\nmend it with: npm run generate`,
    )
    process.exitCode = 1
  }
} finally {
  rmSync(fresh, { recursive: true, force: true })
}
