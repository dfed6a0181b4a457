import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ExternalLink, FilterX, GitPullRequestArrow } from 'lucide-react'
import { listPullRequestsQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listPullRequests } from '@/api/generated/sdk.gen'
import type { PullRequest, PullRequestState } from '@/api/generated/types.gen'
import { pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { Filters, OneOf, RepositoryFilter } from '@/components/lists/filters'
import { Listed } from '@/components/lists/listed'
import { PageHeader } from '@/components/page-header'
import { PullChecks } from '@/components/pull-checks'
import { PullBadge, pullStates } from '@/components/pull-states'
import { Button } from '@/components/ui/button'
import { RelativeTime } from '@/components/values'
import { SavedViews } from '@/components/views/saved-views'
import { cn } from '@/lib/cn'
import { type PullRequestsSearch, pullRequests } from '@/lib/searches'

const states = Object.entries(pullStates).map(([state, { word }]) => [state as PullRequestState, word] as const)

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
  const change = (next: PullRequestsSearch) => void navigate({ search: { state, repository, ...next }, replace: true })
  return (
    <>
      <PageHeader title="Pull requests" lead="What was offered to be merged, as it stood when somebody looked.">
        <Filters>
          <OneOf
            label="State"
            all="All states"
            className="w-36"
            options={states}
            value={state}
            onChange={(state) => change({ state })}
          />
          <RepositoryFilter value={repository} onChange={(repository) => change({ repository })} />
          <SavedViews page="pull_requests" filters={{ state, repository }} read={pullRequests} onChoose={change} />
        </Filters>
      </PageHeader>
      <Listed
        query={query}
        of="pull requests"
        empty={
          state || repository ? (
            <Empty
              icon={<FilterX />}
              title="No pull request fits these filters"
              action={<Button onClick={() => void navigate({ search: {}, replace: true })}>Show all of them</Button>}
            />
          ) : (
            <Empty icon={<GitPullRequestArrow />} title="Nothing was offered yet">
              Choose “a pull request” when you ask for something in a repository on GitHub, or open one for a branch
              that was delivered.
            </Empty>
          )
        }
      >
        {(items, stale) => (
          <ul
            aria-label="Pull requests"
            aria-busy={stale}
            className={cn('border-t border-line', stale && 'opacity-60')}
          >
            {items.map((pull) => (
              <PullLine key={pull.id} pull={pull} />
            ))}
          </ul>
        )}
      </Listed>
    </>
  )
}

function PullLine({ pull }: { pull: PullRequest }) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2 hover:bg-surface-2 md:grid-cols-[5.5rem_minmax(0,1fr)_14rem_5rem_3.5rem] xl:grid-cols-[5.5rem_minmax(0,1fr)_24rem_5rem_3.5rem] lg:px-6">
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
  )
}
