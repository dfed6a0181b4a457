import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { RefreshCw } from 'lucide-react'
import { useEffect, useMemo } from 'react'
import { getRepositoryOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { PageHeader } from '@/components/page-header'
import { part, WhenHere } from '@/components/part'
import { ProblemCard } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button, buttonVariants } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { type Tab, Tabs } from '@/components/ui/tabs'
import { useKeys } from '@/components/use-keys'
import { whyNotChange } from '@/features/repositories/can'
import { askAgainFor, useEndsOfFetches } from '@/features/repositories/fetches'
import { NotYet } from '@/features/repositories/not-yet'
import { RepositoryOverview } from '@/features/repositories/overview'
import { RepositorySettings } from '@/features/repositories/repository-settings'
import { useSync } from '@/features/repositories/use-sync'
import type { RepositorySearch, repositoryTabs } from '@/lib/searches'

const CodeView = part(() => import('@/features/repositories/code/code-view'))
const MapView = part(() => import('@/features/repositories/code/map-view'))
const FileSearch = part(() => import('@/features/repositories/file-search'))

/** What is in it, looked at in three ways. */
const views = { code: CodeView, map: MapView, search: FileSearch }
const near = (tab: (typeof repositoryTabs)[number]): void => {
  if (tab !== 'overview' && tab !== 'settings') void views[tab].ahead()
}

export default function RepositoryPage() {
  const me = useMe()
  const { repositoryId } = useParams({ from: '/shell/repositories/$repositoryId' })
  const { tab = 'overview', ...search } = useSearch({ from: '/shell/repositories/$repositoryId' })
  const navigate = useNavigate({ from: '/repositories/$repositoryId' })
  const path = { id: repositoryId }
  useEffect(() => near(tab), [tab])
  const {
    data: repository,
    error,
    refetch,
  } = useQuery({
    ...getRepositoryOptions({ path }),
    refetchInterval: ({ state }) => askAgainFor(state.data && [state.data]),
  })
  const shown = useMemo(() => (repository ? [repository] : []), [repository])
  useEndsOfFetches(shown)
  const sync = useSync(repositoryId)
  const why = repository ? whyNotChange(me, repository) : 'It is still to come'
  const fetchNow = () => sync.mutate({ path })
  useKeys(why || sync.isPending ? [] : [{ keys: 'f', label: 'Fetch now', group: 'This page', run: fetchNow }])
  if (error && !repository)
    return (
      <>
        <PageHeader title="Repository" />
        <ProblemCard error={error} retry={() => void refetch()} />
      </>
    )
  if (!repository) return <SkeletonRows label="Loading the repository" />
  return (
    <>
      <PageHeader
        title={repository.name}
        lead={repository.url}
        actions={
          <>
            <Button busy={sync.isPending} why={why} keys="f" onClick={fetchNow} className={small}>
              <RefreshCw /> Fetch now
            </Button>
            <Link to="/tasks" search={{ repository: repository.id }} className={buttonVariants({ className: small })}>
              Its tasks
            </Link>
            {repository.forge !== 'local' && (
              <Link
                to="/pull-requests"
                search={{ repository: repository.id }}
                className={buttonVariants({ className: small })}
              >
                Its pull requests
              </Link>
            )}
          </>
        }
      />
      <Tabs
        label="Parts of the repository"
        value={tab}
        onNear={near}
        // The branch that is looked at is the same in all of them.
        onChange={(next) =>
          void navigate({ search: { tab: next === 'overview' ? undefined : next, ref: search.ref }, replace: true })
        }
        tabs={tabs}
      >
        {tab === 'settings' ? (
          <RepositorySettings key={repository.id} repository={repository} />
        ) : tab === 'overview' ? (
          <RepositoryOverview repository={repository} />
        ) : repository.pending_since ? (
          <NotYet repository={repository} />
        ) : (
          <WhenHere part={views[tab]} fallback={<SkeletonRows label="Loading this part" />}>
            <Contents repository={repository} tab={tab} search={search} />
          </WhenHere>
        )}
      </Tabs>
    </>
  )
}

/** On a phone they stand in one row. */
const small = 'max-sm:h-7 max-sm:px-2 max-sm:text-xs'

const tabs: Tab<(typeof repositoryTabs)[number]>[] = [
  { value: 'overview', label: 'Overview' },
  { value: 'code', label: 'Code' },
  { value: 'map', label: 'Map' },
  { value: 'search', label: 'Search' },
  { value: 'settings', label: 'Settings' },
]

interface ContentsProps {
  repository: Repository
  tab: 'code' | 'map' | 'search'
  search: RepositorySearch
}

/** What is in the repository, looked at in three ways. */
function Contents({ repository, tab, search: { q, path, line, ref: at } }: ContentsProps) {
  const navigate = useNavigate({ from: '/repositories/$repositoryId' })
  const change = (next: RepositorySearch) =>
    void navigate({ search: (before: RepositorySearch) => ({ ...before, ...next }), replace: true })
  if (tab === 'search') return <FileSearch repository={repository} q={q} below={path} at={at} onSearch={change} />
  if (tab === 'map') return <MapView repository={repository} at={at} below={path} onChange={change} />
  return <CodeView repository={repository} at={at} path={path} line={line} onGo={change} />
}
