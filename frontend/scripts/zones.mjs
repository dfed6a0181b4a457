// Who may import whom. The rooms are found by reading the folders, so a new feature is fenced the day it is made.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../src/', import.meta.url))
const LINES = 300

/** The layers, lowest first; a file may use its own layer's room and every layer below. */
const layers = [
  (file) => file.startsWith('lib/') || file.startsWith('api/') || file.startsWith('styles/'),
  (file) => file.startsWith('stores/'),
  (file) => file.startsWith('components/ui/'),
  (file) => file.startsWith('components/'),
  (file) => file.startsWith('features/'),
  (file) => file.startsWith('pages/'),
  (file) => /^[a-z-]+\.tsx?$/.test(file),
]
const layer = (file) => layers.findIndex((is) => is(file))
const feature = (file) => file.match(/^features\/([^/]+)\//)?.[1]

const files = (dir) =>
  readdirSync(dir).flatMap((name) => {
    const path = join(dir, name)
    return statSync(path).isDirectory() ? files(path) : /\.tsx?$/.test(name) ? [path] : []
  })

const problems = []
for (const path of files(root)) {
  const from = relative(root, path)
  if (from.startsWith('api/generated/')) continue
  const text = readFileSync(path, 'utf8')
  const test = /\.test\.tsx?$/.test(from) || from === 'test-setup.ts'
  if (layer(from) < 0) problems.push(`${from}: no room is called that`)
  const many = text.split('\n').length
  if (many > LINES) problems.push(`${from}: ${many} lines; a file has at most ${LINES}`)
  if (!/^[a-z0-9.-]+$/.test(from.split('/').at(-1))) problems.push(`${from}: file names are kebab-case`)
  for (const [, wanted] of text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)) {
    if (!wanted.startsWith('.') && !wanted.startsWith('@/')) continue
    const to = wanted.startsWith('@/') ? wanted.slice(2) : relative(root, resolve(dirname(path), wanted))
    if (to.startsWith('../')) {
      if (!test) problems.push(`${from}: imports ${to}, which is outside src/`)
      continue
    }
    const target = /\.[a-z]+$/.test(to) ? to : `${to}.tsx`
    if (layer(target) > layer(from)) problems.push(`${from}: may not import ${to}, which stands above it`)
    if (feature(from) && feature(target) && feature(from) !== feature(target))
      problems.push(`${from}: features do not know each other (${to}); a page puts them together`)
  }
  if (/\bfetch\(/.test(text) && !from.startsWith('api/') && !test)
    problems.push(`${from}: fetch( belongs in src/api; use the generated client`)
}
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}
