import { useQueries } from '@tanstack/react-query'
import { ChevronRight, File, FileSymlink, Folder, FolderOpen, Package } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { listFolderOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { TreeKind } from '@/api/generated/types.gen'
import { ProblemCard } from '@/components/problem-card'
import { SkeletonRows } from '@/components/ui/skeleton'
import { cn } from '@/lib/cn'
import { CodeLink } from '../code-link'
import { foldersAround, keyed, rowsOf, type TreeRow } from './tree-rows'

export const kindIcons: Record<TreeKind, ReactNode> = {
  folder: <Folder aria-hidden className="size-4 shrink-0 text-ink-3" />,
  file: <File aria-hidden className="size-4 shrink-0 text-ink-3" />,
  link: <FileSymlink aria-label="Link" className="size-4 shrink-0 text-ink-3" />,
  submodule: <Package aria-label="Another repository" className="size-4 shrink-0 text-ink-3" />,
}

interface FolderTreeProps {
  repository: string
  at: string | undefined
  path: string | undefined
}

/** The files of a repository beside the one that is open. A folder is read when it is opened. */
export function FolderTree({ repository, at, path = '' }: FolderTreeProps) {
  const tree = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(foldersAround(path)))
  const [current, setCurrent] = useState<string>()
  // Whatever is gone to shows where it lies.
  useEffect(() => {
    setOpen((before) => new Set([...before, ...foldersAround(path)]))
    setCurrent(undefined)
  }, [path])
  const wanted = ['', ...open]
  const read = useQueries({
    queries: wanted.map((folder) =>
      listFolderOptions({
        path: { id: repository },
        query: { ...(folder ? { path: folder } : {}), ...(at ? { ref: at } : {}) },
      }),
    ),
  })
  const rows = rowsOf(new Map(wanted.map((folder, i) => [folder, read[i]?.data?.items])), open)
  const chosen = rows.find((row) => row.path === path.replace(/\/$/, ''))?.path
  // biome-ignore lint/correctness/useExhaustiveDependencies: happens when another one is chosen, or has come
  useEffect(() => {
    tree.current?.querySelector('[aria-selected=true]')?.scrollIntoView?.({ block: 'nearest' })
  }, [chosen])
  const toggle = (folder: string) =>
    setOpen((before) => new Set(before.has(folder) ? [...before].filter((one) => one !== folder) : [...before, folder]))
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const from = event.target instanceof HTMLElement ? event.target.dataset.path : undefined
    const led = keyed(rows, from, event.key)
    if (!led || event.metaKey || event.ctrlKey || event.altKey) return
    event.preventDefault()
    if (led.toggle !== undefined) toggle(led.toggle)
    if (led.to === undefined) return
    setCurrent(led.to)
    tree.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(led.to)}"]`)?.focus()
  }
  const top = read[0]
  if (top?.isLoadingError) return <ProblemCard error={top.error} retry={() => void top.refetch()} compact />
  if (!top?.data) return <SkeletonRows label="Loading files" />
  const stop = rows.find((row) => row.path === current)?.path ?? chosen ?? rows[0]?.path
  return (
    <div ref={tree} role="tree" aria-label="Files" tabIndex={-1} onKeyDown={onKeyDown} className="text-sm">
      {rows.map((row) => (
        <TreeLine
          key={row.path}
          row={row}
          place={{ repository, at }}
          chosen={row.path === chosen}
          stop={row.path === stop}
          onToggle={toggle}
        />
      ))}
    </div>
  )
}

interface LineProps {
  row: TreeRow
  place: { repository: string; at: string | undefined }
  chosen: boolean
  /** It is the one that the keyboard finds. */
  stop: boolean
  onToggle: (path: string) => void
}

function TreeLine({ row: { path, name, kind, depth, open, loading }, place, chosen, stop, onToggle }: LineProps) {
  const shared = {
    role: 'treeitem',
    'aria-level': depth + 1,
    'aria-selected': chosen,
    'data-path': path,
    tabIndex: stop ? 0 : -1,
    title: name,
    style: { paddingLeft: `${0.5 + depth * 0.75}rem` },
    className: cn(
      'flex h-7 w-full items-center gap-1.5 rounded-sm pr-2 text-left [contain-intrinsic-size:auto_1.75rem] [content-visibility:auto] hover:bg-surface-2 focus-visible:-outline-offset-2',
      chosen && 'bg-surface-2 font-medium',
    ),
  }
  if (kind === 'folder')
    return (
      <button type="button" {...shared} aria-expanded={open} aria-busy={loading} onClick={() => onToggle(path)}>
        <ChevronRight
          aria-hidden
          className={cn('size-3.5 shrink-0 text-ink-3 transition-transform', open && 'rotate-90')}
        />
        {open ? <FolderOpen aria-hidden className="size-4 shrink-0 text-ink-3" /> : kindIcons.folder}
        <span className="truncate">{name}</span>
      </button>
    )
  const words = (
    <>
      <span className="w-3.5 shrink-0" />
      {kindIcons[kind]}
      <span className="truncate">{name}</span>
    </>
  )
  // Nothing of another repository is read through this one.
  if (kind === 'submodule')
    return (
      <button type="button" {...shared} aria-disabled className={cn(shared.className, 'text-ink-3')}>
        {words}
      </button>
    )
  return (
    <CodeLink {...place} path={path} {...shared}>
      {words}
    </CodeLink>
  )
}
