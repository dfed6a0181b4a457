import type { CodeMatch, Repository } from '@/api/generated/types.gen'

/** The lines of one file. */
export interface FoundFile {
  path: string
  lines: { line: number; text: string }[]
}

/** Lines, as they come by path, file by file. */
export function filesOf(found: readonly CodeMatch[]): FoundFile[] {
  const files: FoundFile[] = []
  for (const { path, line, text } of found) {
    const last = files.at(-1)
    if (last?.path === path) last.lines.push({ line, text })
    else files.push({ path, lines: [{ line, text }] })
  }
  return files
}

/** A line in parts; every second one is what was looked for. */
export function marked(text: string, q: string): string[] {
  const [small, wanted] = [text.toLowerCase(), q.toLowerCase()]
  // Letters whose small ones are longer would move every place behind them.
  if (wanted === '' || small.length !== text.length) return [text]
  const parts: string[] = []
  let from = 0
  for (let at = small.indexOf(wanted); at >= 0; at = small.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + wanted.length))
    from = at + wanted.length
  }
  return [...parts, text.slice(from)]
}

/** Where a file is looked at on GitHub; nothing for repositories that are elsewhere. */
export function onForge(
  { forge, url, head_commit, default_branch }: Repository,
  { path, line, at }: { path: string; line?: number | undefined; at?: string | undefined },
): string | undefined {
  if (forge !== 'github') return undefined
  const place = /^(?:https?:\/\/(?:[^@/]+@)?|git@|ssh:\/\/git@)([^/:]+)[/:](.+?)(?:\.git)?\/?$/.exec(url)
  if (!place) return undefined
  const parts = path.split('/').map(encodeURIComponent).join('/')
  const there = `https://${place[1]}/${place[2]}/blob/${at ?? head_commit ?? default_branch}/${parts}`
  return line === undefined ? there : `${there}#L${line}`
}
