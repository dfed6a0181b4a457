import { ExternalLink } from 'lucide-react'
import type { Repository } from '@/api/generated/types.gen'
import { CopyButton } from '@/components/ui/copy-button'
import type { RepositorySearch } from '@/lib/searches'
import { searchOf } from '../code-link'
import { onForge } from '../matches'
import { Crumbs } from './crumbs'
import { FileView } from './file-view'
import { FolderTree } from './folder-tree'
import { FolderView } from './folder-view'
import { RefChoice } from './ref-choice'

interface CodeViewProps {
  repository: Repository
  at: string | undefined
  path: string | undefined
  line: number | undefined
  onGo: (search: RepositorySearch) => void
}

/** The files of a repository. Which one is open, and where, stands in the address. */
export default function CodeView({ repository, at, path = '', line, onGo }: CodeViewProps) {
  const file = path !== '' && !path.endsWith('/')
  const outside = file && onForge(repository, { path, line, at })
  const go = (change: { at?: string | undefined; line?: number }) => onGo(searchOf({ path, at, ...change }))
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2 lg:px-6">
        <RefChoice repository={repository} at={at} onChange={(at) => go({ at })} />
        <Crumbs repository={repository} at={at} path={path} />
        {file && (
          <span className="flex items-center gap-1">
            <CopyButton text={path} label="Copy the path" />
            {outside && (
              <a
                href={outside}
                target="_blank"
                rel="noreferrer"
                aria-label="This file on GitHub"
                className="grid size-7 place-items-center rounded-md text-ink-2 hover:bg-surface-2 hover:text-ink"
              >
                <ExternalLink aria-hidden className="size-4" />
              </a>
            )}
          </span>
        )}
      </div>
      <div className="flex min-h-0 flex-1">
        <div className="w-72 shrink-0 overflow-y-auto border-r border-line p-2 max-lg:hidden">
          <FolderTree key={at} repository={repository.id} at={at} path={path} />
        </div>
        <section
          aria-label={path || 'Top folder'}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="min-w-0 flex-1 overflow-y-auto bg-surface focus-visible:-outline-offset-2"
        >
          {file ? (
            <FileView
              key={path}
              repository={repository.id}
              at={at}
              path={path}
              line={line}
              onLine={(line) => go({ line })}
            />
          ) : (
            <FolderView repository={repository.id} at={at} path={path} />
          )}
        </section>
      </div>
    </div>
  )
}
