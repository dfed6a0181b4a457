/** Files that are written by tools: they are part of a change, and nobody reads them line by line. */

const locks = new Set([
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
  'deno.lock',
  'cargo.lock',
  'gemfile.lock',
  'poetry.lock',
  'pdm.lock',
  'pipfile.lock',
  'uv.lock',
  'composer.lock',
  'go.sum',
  'go.work.sum',
  'flake.lock',
  'mix.lock',
  'pubspec.lock',
  'podfile.lock',
  'packages.lock.json',
  'gradle.lockfile',
])

const kinds: { why: string; is: RegExp }[] = [
  { why: 'A snapshot: written by the tests.', is: /(^|\/)__snapshots__\/|\.snap(\.new)?$|\.ambr$/ },
  { why: 'Minified: made for machines.', is: /[.-]min\.(js|mjs|css)$|\.(bundle|chunk)\.js$/ },
  { why: 'A source map: made for machines.', is: /\.(js|mjs|cjs|css)\.map$/ },
  {
    why: 'Generated: written by a tool.',
    is: /(^|\/)(generated|__generated__|gen)\/|\.(gen|generated|g)\.[a-z]+$|\.pb\.(go|cc|h|swift)$|_pb2?(_grpc)?\.(py|rb|js|ts)$|(^|\/)\.sqlx\//,
  },
  { why: 'Of somebody else: copied into the repository.', is: /(^|\/)(vendor|node_modules|third_party)\// },
]

/** Why a file is not opened by itself; nothing for those that people write. */
export function whyClosed(path: string): string | undefined {
  const small = path.toLowerCase()
  if (locks.has(small.split('/').at(-1) ?? '')) return 'A lock file: written by a tool.'
  return kinds.find(({ is }) => is.test(small))?.why
}
