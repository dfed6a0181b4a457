import { useQuery } from '@tanstack/react-query'
import { FolderSearch } from 'lucide-react'
import { listFolderOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { TreeEntry } from '@/api/generated/types.gen'
import { Empty } from '@/components/empty'
import { ProblemCard } from '@/components/problem-card'
import { SkeletonRows } from '@/components/ui/skeleton'
import { bytes } from '@/lib/numbers'
import { CodeLink } from '../code-link'
import { kindIcons } from './folder-tree'
import { Readme } from './readme'

interface FolderViewProps {
  repository: string
  at: string | undefined
  /** With a slash at its end; nothing for the top folder. */
  path: string
}

/** What lies in a folder: the way through the files where there is no room for the tree. */
export function FolderView({ repository, at, path }: FolderViewProps) {
  const folder = useQuery(
    listFolderOptions({
      path: { id: repository },
      query: { ...(path ? { path: path.replace(/\/$/, '') } : {}), ...(at ? { ref: at } : {}) },
    }),
  )
  if (folder.isLoadingError)
    return (
      <div className="p-4">
        <ProblemCard error={folder.error} retry={() => void folder.refetch()} compact />
      </div>
    )
  if (!folder.data) return <SkeletonRows label="Loading the folder" />
  const { items } = folder.data
  if (items.length === 0) return <Empty icon={<FolderSearch />} title="Nothing is in this folder" />
  const readme = items.find(({ name, kind }) => kind === 'file' && /^readme(\.md)?$/i.test(name))
  return (
    <>
      <ul aria-label="In this folder" className="divide-y divide-line border-b border-line text-sm">
        {items.map((entry) => (
          <Entry key={entry.name} entry={entry} path={path} place={{ repository, at }} />
        ))}
      </ul>
      {readme && <Readme repository={repository} at={at} path={`${path}${readme.name}`} />}
    </>
  )
}

interface EntryProps {
  entry: TreeEntry
  path: string
  place: { repository: string; at: string | undefined }
}

function Entry({ entry: { name, kind, size }, path, place }: EntryProps) {
  return (
    <li className="relative flex h-9 items-center gap-2 px-4 hover:bg-surface-2 lg:px-6">
      {kindIcons[kind]}
      {kind === 'submodule' ? (
        <span className="min-w-0 flex-1 truncate text-ink-2">{name}</span>
      ) : (
        <CodeLink
          {...place}
          path={`${path}${name}${kind === 'folder' ? '/' : ''}`}
          className="min-w-0 flex-1 truncate after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
        >
          {name}
        </CodeLink>
      )}
      {size !== undefined && <span className="nums text-xs text-ink-3">{bytes(size)}</span>}
    </li>
  )
}
