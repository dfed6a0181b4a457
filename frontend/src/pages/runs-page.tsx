import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { FilterX, PlayCircle } from 'lucide-react'
import { listRunsQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listRuns } from '@/api/generated/sdk.gen'
import { pagesOptions } from '@/api/pages'
import { ChoiceMenu } from '@/components/choice-menu'
import { Empty } from '@/components/empty'
import { Filters, RepositoryFilter } from '@/components/lists/filters'
import { Listed } from '@/components/lists/listed'
import { PageHeader } from '@/components/page-header'
import { statusWords } from '@/components/states'
import { Button } from '@/components/ui/button'
import { SavedViews } from '@/components/views/saved-views'
import { RunTable } from '@/features/runs/run-table'
import { type RunsSearch, runs } from '@/lib/searches'

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
  const set = (change: RunsSearch) =>
    void navigate({ search: (before: RunsSearch) => ({ ...before, ...change }), replace: true })
  return (
    <>
      <PageHeader title="Runs" lead="Every attempt at every task.">
        <Filters>
          <ChoiceMenu label="Status" options={statusWords} value={status} onChange={(status) => set({ status })} />
          <RepositoryFilter value={repository} onChange={(repository) => set({ repository })} />
          <SavedViews page="runs" filters={{ status, repository }} read={runs} onChoose={set} />
        </Filters>
      </PageHeader>
      <Listed
        query={query}
        of="runs"
        empty={
          status || repository ? (
            <Empty
              icon={<FilterX />}
              title="No run fits these filters"
              action={<Button onClick={() => void navigate({ search: {}, replace: true })}>Show all runs</Button>}
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
        }
      >
        {(rows, stale) => <RunTable rows={rows} stale={stale} />}
      </Listed>
    </>
  )
}
