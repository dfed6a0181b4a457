import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { FilterX, ListFilter, PlayCircle } from 'lucide-react'
import { listRepositoriesOptions, listRunsQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listRuns } from '@/api/generated/sdk.gen'
import type { Status } from '@/api/generated/types.gen'
import { itemsOf, pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { LoadMore } from '@/components/load-more'
import { PageHeader } from '@/components/page-header'
import { ProblemCard } from '@/components/problem-card'
import { statuses } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Select } from '@/components/ui/input'
import { Menu, MenuCheck } from '@/components/ui/menu'
import { SkeletonRows } from '@/components/ui/skeleton'
import { RunTable } from '@/features/runs/run-table'
import type { RunsSearch } from '@/lib/searches'

export default function RunsPage() {
  const { status, repository } = useSearch({ from: '/shell/runs' })
  const navigate = useNavigate({ from: '/runs' })
  const filter = { status, repository_id: repository, limit: 50 }
  const query = useInfiniteQuery({
    ...pagesOptions(listRunsQueryKey({ query: filter }), (cursor, signal) =>
      listRuns({ query: { ...filter, cursor }, signal }),
    ),
    placeholderData: keepPreviousData,
  })
  const items = itemsOf(query.data)
  const repositories = useQuery(listRepositoriesOptions({ query: { limit: 200 } }))
  const set = (change: RunsSearch) =>
    void navigate({ search: (before: RunsSearch) => ({ ...before, ...change }), replace: true })
  const clear = () => void navigate({ search: {}, replace: true })
  return (
    <>
      <PageHeader
        title="Runs"
        lead="Every attempt at every task."
        actions={
          <>
            <Menu
              trigger={
                <Button>
                  <ListFilter /> Status{status && ` (${status.length})`}
                </Button>
              }
            >
              {(Object.entries(statuses) as [Status, { word: string }][]).map(([key, { word }]) => (
                <MenuCheck
                  key={key}
                  checked={status?.includes(key) ?? false}
                  onChange={(on) => {
                    const next = on ? [...(status ?? []), key] : (status ?? []).filter((one) => one !== key)
                    set({ status: next.length > 0 ? next : undefined })
                  }}
                >
                  {word}
                </MenuCheck>
              ))}
            </Menu>
            <span className="w-44">
              <Select
                aria-label="Repository"
                value={repository ?? ''}
                onChange={(event) => set({ repository: event.target.value || undefined })}
              >
                <option value="">All repositories</option>
                {repositories.data?.items.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            </span>
            {(status || repository) && (
              <Button look="quiet" onClick={clear}>
                Clear
              </Button>
            )}
          </>
        }
      />
      {query.isLoadingError ? (
        <ProblemCard error={query.error} retry={() => void query.refetch()} />
      ) : !items ? (
        <SkeletonRows label="Loading runs" />
      ) : items.length === 0 ? (
        status || repository ? (
          <Empty
            icon={<FilterX />}
            title="No run fits these filters"
            action={<Button onClick={clear}>Show all runs</Button>}
          />
        ) : (
          <Empty
            icon={<PlayCircle />}
            title="Nothing has run yet"
            action={
              <Link to="/tasks" search={{ new: true }} className="text-link underline">
                Ask for something
              </Link>
            }
          />
        )
      ) : (
        <RunTable rows={items} stale={query.isPlaceholderData} />
      )}
      <LoadMore more={query.hasNextPage} busy={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />
    </>
  )
}
