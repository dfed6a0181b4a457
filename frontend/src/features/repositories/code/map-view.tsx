import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { MapPinOff } from 'lucide-react'
import { getRepositoryMapQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { getRepositoryMap } from '@/api/generated/sdk.gen'
import type { Repository } from '@/api/generated/types.gen'
import { pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { Listed } from '@/components/lists/listed'
import { TextFilter } from '@/components/lists/text-filter'
import { Button } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import { MapFileCard } from './map-file'
import { RefChoice } from './ref-choice'

interface MapViewProps {
  repository: Repository
  at: string | undefined
  /** Only what is at or below it. */
  below: string | undefined
  onChange: (change: { path?: string | undefined; ref?: string | undefined }) => void
}

/** What the files of a repository define; those first that the others speak of most. */
export default function MapView({ repository, at, below, onChange }: MapViewProps) {
  const filter = { limit: 30, ...(below ? { path: below } : {}), ...(at ? { ref: at } : {}) }
  const path = { id: repository.id }
  const map = useInfiniteQuery({
    ...pagesOptions(getRepositoryMapQueryKey({ path, query: filter }), (cursor, signal) =>
      getRepositoryMap({ path, query: { ...filter, cursor }, signal }),
    ),
    placeholderData: keepPreviousData,
  })
  const clear = <Button onClick={() => onChange({ path: undefined })}>Show the whole map</Button>
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 px-4 pt-4 lg:px-6">
        <RefChoice repository={repository} at={at} onChange={(ref) => onChange({ ref })} />
        <TextFilter
          label="Only below this path"
          placeholder="Only below, like src/"
          text={below ?? ''}
          onText={(text) => onChange({ path: text.replace(/^\/+/, '') || undefined })}
          slash="Narrow the map"
          className="min-w-0 flex-[2] basis-40 sm:w-56 sm:flex-none"
          mono
        />
        <p className="basis-full text-sm text-ink-2">
          What files in Rust, Python, JavaScript, TypeScript and Go define. The higher a file stands, the more the
          others speak of it: begin reading at the top.
          {map.data?.pages[0]?.truncated && ' It is a large repository, and not all of it is in the map.'}
        </p>
      </div>
      <Listed
        query={map}
        of="the map"
        empty={
          <Empty icon={<MapPinOff />} title="Nothing is in this map" {...(below ? { action: clear } : {})}>
            {below ? (
              <>
                Only below <code className="text-xs">{below}</code> was looked.
              </>
            ) : (
              'No file in one of these languages defines anything.'
            )}
          </Empty>
        }
      >
        {(files, stale) => (
          <ol
            aria-label="Files by how much is said of them"
            aria-busy={stale}
            className={cn('flex flex-col gap-3 p-4 lg:px-6', stale && 'opacity-60')}
          >
            {files.map((file, i) => (
              <MapFileCard key={file.path} rank={i + 1} file={file} place={{ repository: repository.id, at }} />
            ))}
          </ol>
        )}
      </Listed>
    </>
  )
}
