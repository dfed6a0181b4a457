import type { TreeEntry, TreeKind } from '@/api/generated/types.gen'

/** A line of the tree: what is in a folder that is open stands below it. */
export interface TreeRow {
  path: string
  name: string
  kind: TreeKind
  depth: number
  /** Of folders: whether what is in them is shown. */
  open?: boolean
  /** What is in it is on its way. */
  loading?: boolean
}

/** All lines, top to bottom. `folders` holds what was read; the top folder has no name. */
export function rowsOf(
  folders: ReadonlyMap<string, readonly TreeEntry[] | undefined>,
  open: ReadonlySet<string>,
): TreeRow[] {
  const rows: TreeRow[] = []
  const below = (folder: string, depth: number) => {
    for (const { name, kind } of folders.get(folder) ?? []) {
      const path = folder === '' ? name : `${folder}/${name}`
      if (kind !== 'folder') {
        rows.push({ path, name, kind, depth })
        continue
      }
      const opened = open.has(path)
      rows.push({ path, name, kind, depth, open: opened, loading: opened && !folders.get(path) })
      if (opened) below(path, depth + 1)
    }
  }
  below('', 0)
  return rows
}

/** The folders around a file or a folder, the outermost first. */
export const foldersAround = (path: string): string[] => {
  const parts = path.split('/').filter(Boolean)
  return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'))
}

/** Where a key leads from a line: to another line, or a folder is opened or closed. */
export function keyed(
  rows: readonly TreeRow[],
  path: string | undefined,
  key: string,
): { to?: string; toggle?: string } | undefined {
  const at = rows.findIndex((row) => row.path === path)
  const row = rows[at]
  const to = (i: number) => ({ to: rows[Math.max(0, Math.min(rows.length - 1, i))]?.path })
  switch (key) {
    case 'ArrowDown':
      return to(at + 1)
    case 'ArrowUp':
      return to(at - 1)
    case 'Home':
      return to(0)
    case 'End':
      return to(rows.length - 1)
    case 'ArrowRight':
      if (row?.open === false) return { toggle: row.path }
      return row?.open ? to(at + 1) : undefined
    case 'ArrowLeft':
      if (row?.open) return { toggle: row.path }
      return row && row.depth > 0 ? { to: row.path.slice(0, row.path.lastIndexOf('/')) } : undefined
    default:
      return undefined
  }
}
