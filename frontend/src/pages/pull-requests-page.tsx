import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ExternalLink, FilterX, GitPullRequestArrow } from 'lucide-react'
import { listPullRequestsQueryKey, listRepositoriesOptions } from '@/api/generated/@tanstack/react-query.gen'
import { listPullRequests } from '@/api/generated/sdk.gen'
import type { PullRequestState } from '@/api/generated/types.gen'
import { itemsOf, pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { LoadMore } from '@/components/load-more'
import { PageHeader } from '@/components/page-header'
import { ProblemCard } from '@/components/problem-card'
import { PullChecks } from '@/components/pull-checks'
import { PullBadge, pullStates } from '@/components/pull-states'
import { Button } from '@/components/ui/button'
import { Select } from '@/components/ui/input'
import { SkeletonRows } from '@/components/ui/skeleton'
import { RelativeTime } from '@/components/values'
import { cn } from '@/lib/cn'
import type { PullRequestsSearch } from '@/lib/searches'

/** Everything that was offered as a pull request. */
export default function PullRequestsPage() {
  const { state, repository } = useSearch({ from: '/shell/pull-requests' })
  const navigate = useNavigate({ from: '/pull-requests' })
  const filter = { state, repository_id: repository, limit: 50 }
  const query = useInfiniteQuery({
    ...pagesOptions(listPullRequestsQueryKey({ query: filter }), (cursor, signal) =>
      listPullRequests({ query: { ...filter, cursor }, signal }),
    ),
    placeholderData: keepPreviousData,
  })
  const repositories = useQuery(listRepositoriesOptions({ query: { limit: 200 } }))
  const items = itemsOf(query.data)
  const change = (next: PullRequestsSearch) => void navigate({ search: { state, repository, ...next }, replace: true })
  return (
    <>
      <PageHeader
        title="Pull requests"
        lead="What was offered to be merged, as it stood when somebody looked."
        actions={
          <>
            <span className="w-36">
              <Select
                aria-label="State"
                value={state ?? ''}
                onChange={(event) => change({ state: (event.target.value || undefined) as PullRequestState })}
              >
                <option value="">All states</option>
                {Object.entries(pullStates).map(([key, { word }]) => (
                  <option key={key} value={key}>
                    {word}
                  </option>
                ))}
              </Select>
            </span>
            <span className="w-44">
              <Select
                aria-label="Repository"
                value={repository ?? ''}
                onChange={(event) => change({ repository: event.target.value || undefined })}
              >
                <option value="">All repositories</option>
                {repositories.data?.items.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            </span>
          </>
        }
      />
      {query.isLoadingError ? (
        <ProblemCard error={query.error} retry={() => void query.refetch()} />
      ) : !items ? (
        <SkeletonRows label="Loading pull requests" />
      ) : items.length === 0 ? (
        state || repository ? (
          <Empty
            icon={<FilterX />}
            title="No pull request fits these filters"
            action={<Button onClick={() => void navigate({ search: {}, replace: true })}>Show all of them</Button>}
          />
        ) : (
          <Empty icon={<GitPullRequestArrow />} title="Nothing was offered yet">
            Choose “a pull request” when you ask for something in a repository on GitHub, or open one for a branch that
            was delivered.
          </Empty>
        )
      ) : (
        <ul
          aria-label="Pull requests"
          aria-busy={query.isPlaceholderData}
          className={cn('border-t border-line', query.isPlaceholderData && 'opacity-60')}
        >
          {items.map((pull) => (
            <li
              key={pull.id}
              className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2 hover:bg-surface-2 md:grid-cols-[5.5rem_minmax(0,1fr)_14rem_5rem_3.5rem] xl:grid-cols-[5.5rem_minmax(0,1fr)_24rem_5rem_3.5rem] lg:px-6"
            >
              <span className="max-md:col-start-1 max-md:row-start-2">
                <PullBadge pull={pull} />
              </span>
              <span className="min-w-0 max-md:col-start-1 max-md:row-start-1">
                <Link
                  to="/tasks/$taskId"
                  params={{ taskId: pull.task.id }}
                  search={{ run: pull.run_id }}
                  className="block truncate text-sm font-medium"
                >
                  {pull.title}
                </Link>
                <span className="block truncate text-xs text-ink-3">
                  {pull.repository.name} · <code>{pull.head_branch}</code> into <code>{pull.base_branch}</code>
                </span>
              </span>
              <span className="text-xs max-md:col-start-1 max-md:row-start-3">
                <PullChecks pull={pull} />
              </span>
              <span className="text-right text-xs text-ink-3 max-md:col-start-2 max-md:row-start-2">
                <RelativeTime at={pull.merged_at ?? pull.closed_at ?? pull.created_at} />
              </span>
              <a
                href={pull.url}
                target="_blank"
                rel="noreferrer"
                aria-label={`#${pull.number} of ${pull.repository.name}, opens in a new tab`}
                className="inline-flex min-h-6 items-center gap-1 text-sm text-link hover:underline max-md:col-start-2 max-md:row-start-1"
              >
                #{pull.number} <ExternalLink aria-hidden className="size-3.5" />
              </a>
            </li>
          ))}
        </ul>
      )}
      <LoadMore more={query.hasNextPage} busy={query.isFetchingNextPage} onMore={() => void query.fetchNextPage()} />
    </>
  )
}
