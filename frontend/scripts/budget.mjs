// What a page costs on the wire, in gzip -9, counted from the built files: gates on bytes, which no load of the machine
// can move. A page is its entry, what that imports, and the chunks its route loads.
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const sizes = new Map()
const size = (file) => {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length)
  return sizes.get(file)
}

const reach = (key, found = new Set()) => {
  if (found.has(key)) return found
  found.add(key)
  for (const next of manifest[key].imports ?? []) reach(next, found)
  return found
}
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry)
const page = (...sources) => {
  const chunks = new Set([entry, ...sources].flatMap((key) => [...reach(key)]))
  const files = new Set([...chunks].map((key) => manifest[key].file).filter((file) => file.endsWith('.js')))
  return [...files].reduce((sum, file) => sum + size(file), 0)
}
const shell = 'src/pages/shell-page.tsx'

const KIB = 1024
const lines = []
const gate = (what, bytes, most) => {
  const good = bytes <= most * KIB
  lines.push({ what, bytes, most, good })
}
gate('JS of /login', page('src/pages/login-page.tsx'), 150)
gate('JS of /', page(shell, 'src/pages/home-page.tsx'), 180)
gate('JS of /tasks', page(shell, 'src/pages/tasks-page.tsx'), 180)
gate('JS of /tasks/:id', page(shell, 'src/pages/task-page.tsx', 'src/features/runs/activity-tab.tsx'), 200)

const assets = readdirSync(new URL('assets/', dist)).map((name) => `assets/${name}`)
const css = assets.filter((name) => name.endsWith('.css')).reduce((sum, name) => sum + size(name), 0)
gate('CSS of everything', css, 15)
const first = page('src/pages/login-page.tsx')
for (const name of assets.filter((one) => one.endsWith('.js') && size(one) > 0.75 * 120 * KIB && first > 0))
  gate(`chunk ${name}`, size(name), 120)
const fonts = assets.filter((name) => /geist(-mono)?-latin-wght-normal.*woff2$/.test(name))
gate(
  'fonts of a first view',
  fonts.reduce((sum, name) => sum + readFileSync(new URL(name, dist)).length, 0),
  60,
)

for (const { what, bytes, most, good } of lines)
  console.log(`${good ? 'ok  ' : 'FAIL'} ${what}: ${(bytes / KIB).toFixed(1)} KiB of ${most}`)
process.exit(lines.every(({ good }) => good) ? 0 : 1)
