import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { FilterX, FolderPlus, Folders } from 'lucide-react'
import { useMemo } from 'react'
import { listRepositoriesQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listRepositories } from '@/api/generated/sdk.gen'
import { itemsOf, pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { Filters } from '@/components/lists/filters'
import { Listed } from '@/components/lists/listed'
import { TextFilter } from '@/components/lists/text-filter'
import { PageHeader } from '@/components/page-header'
import { Button } from '@/components/ui/button'
import { SavedViews } from '@/components/views/saved-views'
import { Connect } from '@/features/repositories/connect'
import { askAgainFor, useEndsOfFetches } from '@/features/repositories/fetches'
import { RepositoryTable } from '@/features/repositories/repository-table'
import { type RepositoriesSearch, repositories } from '@/lib/searches'

export default function RepositoriesPage() {
  const { q, new: connecting } = useSearch({ from: '/shell/repositories' })
  const navigate = useNavigate({ from: '/repositories' })
  const change = (next: RepositoriesSearch) =>
    void navigate({ search: (before: RepositoriesSearch) => ({ ...before, ...next }), replace: true })
  const filter = { limit: 50, ...(q ? { q } : {}) }
  const query = useInfiniteQuery({
    ...pagesOptions(listRepositoriesQueryKey({ query: filter }), (cursor, signal) =>
      listRepositories({ query: { ...filter, cursor }, signal }),
    ),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => askAgainFor(itemsOf(state.data)),
  })
  const shown = useMemo(() => itemsOf(query.data) ?? [], [query.data])
  useEndsOfFetches(shown)
  const connect = (
    <Button
      look="primary"
      onClick={() => void navigate({ search: (before: RepositoriesSearch) => ({ ...before, new: true }) })}
    >
      <FolderPlus /> Connect a repository
    </Button>
  )
  return (
    <>
      <PageHeader
        title="Repositories"
        lead="Where tasks are done. Agents work on copies; nothing is pushed without a branch of its own."
        actions={connect}
      >
        <Filters>
          <TextFilter
            label="Search repositories"
            text={q ?? ''}
            onText={(text) => change({ q: text || undefined })}
            slash="Search this list"
          />
          <SavedViews
            page="repositories"
            filters={{ q }}
            read={(search) => ({ q: repositories(search).q })}
            onChoose={change}
          />
        </Filters>
      </PageHeader>
      <Listed
        query={query}
        of="repositories"
        empty={
          q ? (
            <Empty
              icon={<FilterX />}
              title={`No repository is called “${q}”`}
              action={<Button onClick={() => change({ q: undefined })}>Show all of them</Button>}
            >
              Names and addresses were looked at.
            </Empty>
          ) : (
            <Empty icon={<Folders />} title="No repository is connected" action={connect}>
              Connect one from GitHub, from any git address, or take the sample to try it out.
            </Empty>
          )
        }
      >
        {(items, stale) => <RepositoryTable repositories={items} stale={stale} />}
      </Listed>
      <Connect open={connecting ?? false} onClose={() => change({ new: undefined })} />
    </>
  )
}
