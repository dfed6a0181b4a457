import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { FilterX, GitPullRequestArrow } from 'lucide-react'
import { listPullRequestsQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listPullRequests } from '@/api/generated/sdk.gen'
import type { PullRequestState } from '@/api/generated/types.gen'
import { pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { Filters, OneOf, RepositoryFilter } from '@/components/lists/filters'
import { Listed } from '@/components/lists/listed'
import { PageHeader } from '@/components/page-header'
import { pullStates } from '@/components/pull-states'
import { Button } from '@/components/ui/button'
import { SavedViews } from '@/components/views/saved-views'
import { PullList } from '@/features/pull-requests/pull-list'
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
        {(items, stale) => <PullList pulls={items} stale={stale} />}
      </Listed>
    </>
  )
}
