import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { FileSearch as Icon, SearchX } from 'lucide-react'
import { searchFilesOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { Empty } from '@/components/empty'
import { TextFilter } from '@/components/lists/text-filter'
import { ProblemCard } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { cn } from '@/lib/cn'
import { plural } from '@/lib/numbers'
import { RefChoice } from './code/ref-choice'
import { MatchFile } from './match-file'
import { filesOf } from './matches'

/** As many lines as the server gives at once. */
const MOST = 200

interface FileSearchProps {
  repository: Repository
  q: string | undefined
  below: string | undefined
  at: string | undefined
  onSearch: (change: { q?: string | undefined; path?: string | undefined; ref?: string | undefined }) => void
}

/** Words in the files of a branch; what is looked for stands in the address. */
export default function FileSearch({ repository, q, below, at, onSearch }: FileSearchProps) {
  const found = useQuery({
    ...searchFilesOptions({
      path: { id: repository.id },
      query: { q: q ?? '', limit: MOST, ...(below ? { path: below } : {}), ...(at ? { ref: at } : {}) },
    }),
    enabled: q !== undefined,
    placeholderData: keepPreviousData,
  })
  const lines = q === undefined ? undefined : found.data?.items
  const files = filesOf(lines ?? [])
  return (
    <div className="flex flex-col gap-3 px-4 py-4 lg:px-6">
      <search className="flex flex-wrap items-center gap-2">
        <TextFilter
          label="Words to look for"
          text={q ?? ''}
          onText={(text) => onSearch({ q: text || undefined })}
          className="w-full sm:w-80"
          slash="Search the files"
        />
        <RefChoice repository={repository} at={at} onChange={(ref) => onSearch({ ref })} />
        <TextFilter
          label="Only below this path"
          placeholder="Only below, like src/"
          text={below ?? ''}
          onText={(text) => onSearch({ path: text.replace(/^\/+/, '') || undefined })}
          className="min-w-0 flex-[2] basis-40 sm:w-56 sm:flex-none"
          mono
        />
        <span role="status" className="text-xs text-ink-3">
          {lines && !found.isPlaceholderData ? (
            lines.length === 0 ? (
              <span className="sr-only">Nothing was found</span>
            ) : lines.length >= MOST ? (
              `The first ${MOST} lines; say more, or where`
            ) : (
              `${plural(lines.length, 'line')} in ${plural(files.length, 'file')}`
            )
          ) : (
            q !== undefined && !found.error && 'Looking…'
          )}
        </span>
      </search>
      {q === undefined ? (
        <Empty icon={<Icon />} title="Search the files of this repository">
          Every line of <code className="text-xs">{at ?? repository.default_branch}</code> that holds the words, as it
          was fetched last.
        </Empty>
      ) : found.isLoadingError ? (
        <ProblemCard error={found.error} retry={() => void found.refetch()} compact />
      ) : !lines ? (
        <SkeletonRows label="Loading what was found" />
      ) : files.length === 0 ? (
        <Empty
          icon={<SearchX />}
          title={`Nothing holds “${q}”`}
          {...(below ? { action: <Button onClick={() => onSearch({ path: undefined })}>Look everywhere</Button> } : {})}
        >
          {below ? (
            <>
              Only below <code className="text-xs">{below}</code> was looked.
            </>
          ) : (
            'Binary files are left out.'
          )}
        </Empty>
      ) : (
        <ol
          aria-label="What was found"
          className={cn('flex flex-col gap-3', found.isPlaceholderData && 'opacity-60')}
          aria-busy={found.isPlaceholderData}
        >
          {files.map((file) => (
            <MatchFile key={file.path} file={file} q={q} repository={repository} at={at} />
          ))}
        </ol>
      )}
    </div>
  )
}
