import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { RefreshCw } from 'lucide-react'
import {
  getRepositoryOptions,
  getRepositoryQueryKey,
  syncRepositoryMutation,
} from '@/api/generated/@tanstack/react-query.gen'
import { whyNot } from '@/api/me'
import { PageHeader } from '@/components/page-header'
import { ProblemCard } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button, buttonVariants } from '@/components/ui/button'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Tabs } from '@/components/ui/tabs'
import { FileSearch } from '@/features/repositories/file-search'
import { RepositoryOverview } from '@/features/repositories/overview'
import { RepositorySettings } from '@/features/repositories/repository-settings'
import type { RepositorySearch } from '@/lib/searches'
import { toast } from '@/stores/toasts'

export default function RepositoryPage() {
  const me = useMe()
  const cache = useQueryClient()
  const { repositoryId } = useParams({ from: '/shell/repositories/$repositoryId' })
  const { tab = 'overview', q, path: below } = useSearch({ from: '/shell/repositories/$repositoryId' })
  const navigate = useNavigate({ from: '/repositories/$repositoryId' })
  const path = { id: repositoryId }
  const { data: repository, error, refetch } = useQuery(getRepositoryOptions({ path }))
  const sync = useMutation({
    ...syncRepositoryMutation(),
    onSuccess: (fresh) => cache.setQueryData(getRepositoryQueryKey({ path }), fresh),
    onError: (failure) => void toast(failure.message, { kind: 'bad' }),
  })
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
            <Button busy={sync.isPending} why={whyNot(me, 'work')} onClick={() => sync.mutate({ path })}>
              <RefreshCw /> Fetch now
            </Button>
            <Link to="/tasks" search={{ repository: repository.id }} className={buttonVariants({})}>
              Its tasks
            </Link>
            {repository.forge !== 'local' && (
              <Link to="/pull-requests" search={{ repository: repository.id }} className={buttonVariants({})}>
                Its pull requests
              </Link>
            )}
          </>
        }
      />
      <Tabs
        label="Parts of the repository"
        value={tab}
        onChange={(next) => void navigate({ search: { tab: next === 'overview' ? undefined : next }, replace: true })}
        tabs={[
          { value: 'overview', label: 'Overview' },
          { value: 'code', label: 'Search' },
          { value: 'settings', label: 'Settings' },
        ]}
      >
        {tab === 'settings' ? (
          <RepositorySettings key={repository.updated_at} repository={repository} />
        ) : tab === 'code' ? (
          <FileSearch
            repository={repository}
            q={q}
            below={below}
            onSearch={(change) =>
              void navigate({ search: (before: RepositorySearch) => ({ ...before, ...change }), replace: true })
            }
          />
        ) : (
          <RepositoryOverview repository={repository} />
        )}
      </Tabs>
    </>
  )
}
