import type {
  CodeMatchList,
  MapFile,
  RepositoryMap,
  SourceFile,
  SymbolKind,
  TreeEntry,
  TreeList,
} from '../../src/api/generated/types.gen'
import type { Db } from '../db'
import { type Call, Refusal, type Routes } from '../http'
import { binaries, onNext, sources } from '../sources'
import { theContent } from './repositories'
import { pageOf } from './work'

const base = '/api/v1/repositories/{id}'

const missing = (what: string) => new Refusal(404, 'Not Found', { detail: `there is no such ${what}` })

/** What a line of code defines, if anything. */
const defined: [RegExp, SymbolKind][] = [
  [/^\s+def (\w+)/, 'method'],
  [/^def (\w+)/, 'function'],
  [/^export (?:async )?function (\w+)/, 'function'],
  [/^class (\w+)/, 'class'],
  [/^export interface (\w+)/, 'interface'],
  [/^([A-Z_]{3,}) =/, 'constant'],
]

function outline(path: string, text: string): MapFile {
  const symbols = text.split('\n').flatMap((line, i) => {
    for (const [pattern, kind] of defined) {
      const name = pattern.exec(line)?.[1]
      if (name) return [{ name, kind, line: i + 1 }]
    }
    return []
  })
  return { path, symbols }
}

/** What stands in the files of a repository. */
export function contents(routes: Routes, db: () => Db): void {
  /** The files of the branch that is asked for. */
  const filesAt = ({ path, query }: Call): Record<string, string> => {
    const { head_commit, default_branch } = theContent(db(), path.id)
    const at = query.get('ref') ?? default_branch
    if (at === 'next') return { ...sources, ...onNext }
    if (at !== default_branch && at !== head_commit) throw missing('branch, tag or commit')
    return sources
  }
  const below = (files: Record<string, string>, path: string) =>
    Object.entries(files).filter(([file]) => path === '' || file.startsWith(path))
  routes
    .on(`GET ${base}/branches`, ({ path }) => ({
      items: ['main', 'next'].map((name) => ({ name, commit: theContent(db(), path.id).head_commit ?? '' })),
    }))
    .on(`GET ${base}/tree`, (call): TreeList => {
      const folder = call.query.get('path') ?? ''
      const start = folder === '' ? '' : `${folder}/`
      const sizes = { ...Object.fromEntries(Object.entries(filesAt(call)).map(([k, v]) => [k, v.length])), ...binaries }
      const found = new Map<string, TreeEntry>()
      for (const [file, size] of Object.entries(sizes)) {
        if (!file.startsWith(start)) continue
        const [name = '', more] = file.slice(start.length).split('/')
        found.set(name, more === undefined ? { name, kind: 'file', size } : { name, kind: 'folder' })
      }
      if (found.size === 0) throw missing('folder')
      const items = [...found.values()].sort((a, b) => b.kind.localeCompare(a.kind) || a.name.localeCompare(b.name))
      return { items }
    })
    .on(`GET ${base}/file`, (call): SourceFile => {
      const path = call.query.get('path') ?? ''
      const text = filesAt(call)[path]
      if (text === undefined && !(path in binaries)) throw missing('file')
      return { path, ...(text === undefined ? {} : { text }) }
    })
    .on(`GET ${base}/map`, (call): RepositoryMap => {
      const files = below(filesAt(call), call.query.get('path') ?? '')
      const outlines = files
        .map(([path, text]) => ({ ...outline(path, text), id: path }))
        .filter(({ symbols }) => symbols.length > 0)
      const { items, next_cursor } = pageOf(outlines, call.query)
      return {
        commit: theContent(db(), call.path.id).head_commit ?? '',
        items: items.map(({ path, symbols }) => ({ path, symbols })),
        ...(next_cursor ? { next_cursor } : {}),
        truncated: false,
      }
    })
    .on(`GET ${base}/search`, (call): CodeMatchList => {
      const q = call.query.get('q')?.toLowerCase() ?? ''
      const items = below(filesAt(call), call.query.get('path') ?? '')
        .flatMap(([file, text]) => text.split('\n').map((line, i) => ({ path: file, line: i + 1, text: line })))
        .filter(({ text }) => text.toLowerCase().includes(q))
      return { items: items.slice(0, Number(call.query.get('limit') ?? 50)) }
    })
}
