import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { FolderPlus, Folders } from 'lucide-react'
import { listRepositoriesQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import { listRepositories } from '@/api/generated/sdk.gen'
import { pagesOptions } from '@/api/pages'
import { Empty } from '@/components/empty'
import { Listed } from '@/components/lists/listed'
import { PageHeader } from '@/components/page-header'
import { Button } from '@/components/ui/button'
import { Table, Td, Th } from '@/components/ui/table'
import { RelativeTime } from '@/components/values'
import { Connect } from '@/features/repositories/connect'
import { SyncState } from '@/features/repositories/sync-state'

export default function RepositoriesPage() {
  const search = useSearch({ from: '/shell/repositories' })
  const navigate = useNavigate({ from: '/repositories' })
  const show = (open: boolean) => void navigate({ search: open ? { new: true } : {} })
  const query = useInfiniteQuery(
    pagesOptions(listRepositoriesQueryKey({ query: { limit: 50 } }), (cursor, signal) =>
      listRepositories({ query: { limit: 50, cursor }, signal }),
    ),
  )
  const connect = (
    <Button look="primary" onClick={() => show(true)}>
      <FolderPlus /> Connect a repository
    </Button>
  )
  return (
    <>
      <PageHeader
        title="Repositories"
        lead="Where tasks are done. Agents work on copies; nothing is pushed without a branch of its own."
        actions={connect}
      />
      <Listed
        query={query}
        of="repositories"
        empty={
          <Empty icon={<Folders />} title="No repository is connected" action={connect}>
            Connect one from GitHub, from any git address, or take the sample to try it out.
          </Empty>
        }
      >
        {(items) => (
          <Table label="Repositories">
            <thead>
              <tr>
                <Th>Name</Th>
                <Th>State</Th>
                <Th>Address</Th>
                <Th>Main branch</Th>
                <Th right>Tasks</Th>
                <Th right>Fetched</Th>
              </tr>
            </thead>
            <tbody>
              {items.map((repository) => (
                <tr key={repository.id} className="hover:bg-surface-2">
                  <Td>
                    <Link
                      to="/repositories/$repositoryId"
                      params={{ repositoryId: repository.id }}
                      className="font-medium"
                    >
                      {repository.name}
                    </Link>
                    <span className="block text-xs text-ink-3">
                      {repository.visibility === 'team' ? 'everybody' : repository.owner.name}
                    </span>
                  </Td>
                  <Td>
                    <SyncState repository={repository} />
                  </Td>
                  <Td className="max-w-72 min-w-40 truncate text-xs text-ink-2">{repository.url}</Td>
                  <Td>
                    <code className="text-xs">{repository.default_branch}</code>
                  </Td>
                  <Td right>{repository.tasks}</Td>
                  <Td right className="text-ink-3">
                    {repository.synced_at ? <RelativeTime at={repository.synced_at} /> : '–'}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </Listed>
      <Connect open={search.new ?? false} onClose={() => show(false)} />
    </>
  )
}
