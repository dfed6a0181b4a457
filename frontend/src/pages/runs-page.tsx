import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { FilterX, PlayCircle } from 'lucide-react'
import { listRunsQueryKey } from '@/api/generated/@tanstack/react-query.gen'
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
import { SkeletonRows } from '@/components/ui/skeleton'
import { RunTable } from '@/features/runs/run-table'

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
  const clear = () => void navigate({ search: {}, replace: true })
  return (
    <>
      <PageHeader
        title="Runs"
        lead="Every attempt at every task."
        actions={
          <span className="w-44">
            <Select
              aria-label="Status"
              value={status?.[0] ?? ''}
              onChange={(event) =>
                void navigate({
                  search: { repository, status: event.target.value ? [event.target.value as Status] : undefined },
                  replace: true,
                })
              }
            >
              <option value="">All states</option>
              {Object.entries(statuses).map(([key, { word }]) => (
                <option key={key} value={key}>
                  {word}
                </option>
              ))}
            </Select>
          </span>
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
