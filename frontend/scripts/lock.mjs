// A registry that lacks one platform's package makes `npm install` leave it out without a word, and `npm ci` fail
// elsewhere. So: every optional dependency that a package names must stand in the lock.
import { readFileSync } from 'node:fs'

const packages = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')).packages
const missing = []
for (const [name, entry] of Object.entries(packages))
  for (const optional of Object.keys(entry.optionalDependencies ?? {}))
    if (!packages[`node_modules/${optional}`] && !packages[`${name}/node_modules/${optional}`])
      missing.push(`${name} > ${optional}`)

const loose = Object.entries({ ...packages[''].dependencies, ...packages[''].devDependencies })
  .filter(([, version]) => !/^(npm:(@?[^@]+)@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
  .map(([name, version]) => `${name}@${version} is not an exact version`)

if (missing.length + loose.length > 0) {
  console.error([...missing.map((m) => `missing in package-lock.json: ${m}`), ...loose].join('\n'))
  process.exit(1)
}
