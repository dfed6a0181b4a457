import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { FileSearch as Icon, Search, SearchX } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { searchFilesOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { Empty } from '@/components/empty'
import { ProblemCard } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { Input } from '@/components/ui/input'
import { SkeletonRows } from '@/components/ui/skeleton'
import { useKeys } from '@/components/use-keys'
import { cn } from '@/lib/cn'
import { plural } from '@/lib/numbers'
import { MatchFile } from './match-file'
import { filesOf } from './matches'

/** As many lines as the server gives at once. */
const MOST = 200

interface FileSearchProps {
  repository: Repository
  q: string | undefined
  below: string | undefined
  onSearch: (change: { q?: string | undefined; path?: string | undefined }) => void
}

/** Words in the files of the main branch; what is looked for stands in the address. */
export function FileSearch({ repository, q, below, onSearch }: FileSearchProps) {
  const input = useRef<HTMLInputElement>(null)
  useKeys([{ keys: '/', label: 'Search the files', group: 'Lists', run: () => input.current?.focus() }])
  const found = useQuery({
    ...searchFilesOptions({
      path: { id: repository.id },
      query: { q: q ?? '', limit: MOST, ...(below ? { path: below } : {}) },
    }),
    enabled: q !== undefined,
    placeholderData: keepPreviousData,
  })
  const lines = q === undefined ? undefined : found.data?.items
  const files = filesOf(lines ?? [])
  return (
    <div className="flex flex-col gap-3 px-4 py-4 lg:px-6">
      <search className="flex flex-wrap items-center gap-2">
        <Typed
          box={input}
          label="Words to look for"
          placeholder="Words to look for"
          text={q ?? ''}
          onText={(text) => onSearch({ q: text || undefined })}
          className="w-full sm:w-80"
          icon
        />
        <Typed
          label="Only below this path"
          placeholder="Only below, like src/"
          text={below ?? ''}
          onText={(text) => onSearch({ path: text.replace(/^\/+/, '') || undefined })}
          className="w-full font-mono text-xs sm:w-56"
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
          Every line of <code className="text-xs">{repository.default_branch}</code> that holds the words, as it was
          fetched last.
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
            <MatchFile key={file.path} file={file} q={q} repository={repository} />
          ))}
        </ol>
      )}
    </div>
  )
}

interface TypedProps {
  box?: React.Ref<HTMLInputElement>
  label: string
  placeholder: string
  text: string
  onText: (text: string) => void
  className: string
  icon?: boolean
}

/** A box whose text goes into the address when typing pauses. */
function Typed({ box, label, placeholder, text, onText, className, icon }: TypedProps) {
  const [typed, setTyped] = useState(text)
  // The address may change without this box.
  useEffect(() => setTyped(text), [text])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts the pause
  useEffect(() => {
    if (typed.trim() === text) return
    const timer = setTimeout(() => onText(typed.trim()), 300)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <span className={cn('relative', className)}>
      {icon && <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-3" />}
      <Input
        {...(box ? { ref: box } : {})}
        type="search"
        spellCheck={false}
        maxLength={200}
        aria-label={label}
        placeholder={placeholder}
        className={icon ? 'pl-8' : ''}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </span>
  )
}
