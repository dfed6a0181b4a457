import { Link, useNavigate } from '@tanstack/react-router'
import type { Repository } from '@/api/generated/types.gen'
import { CalmRows } from '@/components/lists/calm-rows'
import { useCalm } from '@/components/lists/use-calm'
import { useRows } from '@/components/lists/use-rows'
import { Table, Td, Th } from '@/components/ui/table'
import { RelativeTime } from '@/components/values'
import { cn } from '@/lib/cn'
import { SyncState } from './sync-state'

/** Repositories, one below the other; by pointer and by keyboard. */
export function RepositoryTable({ repositories, stale }: { repositories: Repository[]; stale: boolean }) {
  const navigate = useNavigate()
  const calm = useCalm(repositories)
  const current = useRows(
    calm.shown,
    (repositoryId) => void navigate({ to: '/repositories/$repositoryId', params: { repositoryId } }),
  )
  return (
    <CalmRows calm={calm}>
      <Rows rows={calm.shown} stale={stale} current={current} />
    </CalmRows>
  )
}

interface RowsProps {
  rows: Repository[]
  stale: boolean
  current: string | undefined
}

function Rows({ rows, stale, current }: RowsProps) {
  return (
    <Table label="Repositories" className={cn(stale && 'opacity-60')}>
      <thead>
        <tr>
          <Th>Name</Th>
          <Th className="max-md:hidden">State</Th>
          <Th className="max-lg:hidden">Address</Th>
          <Th className="max-lg:hidden">Main branch</Th>
          <Th right className="max-sm:pr-4">
            Tasks
          </Th>
          <Th right className="max-sm:hidden">
            Fetched
          </Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((repository) => (
          <tr
            key={repository.id}
            data-row={repository.id}
            className={cn('hover:bg-surface-2', repository.id === current && 'shadow-[inset_2px_0_0_var(--focus)]')}
          >
            <Td className="max-md:py-2">
              <Link
                to="/repositories/$repositoryId"
                params={{ repositoryId: repository.id }}
                className="font-medium wrap-anywhere"
              >
                {repository.name}
              </Link>
              <span className="block text-xs text-ink-3">
                {repository.visibility === 'team' ? 'everybody' : repository.owner.name}
              </span>
              {/* Where there is no room for columns. */}
              <span className="mt-1 block md:hidden">
                <SyncState repository={repository} />
              </span>
            </Td>
            <Td className="max-md:hidden">
              <SyncState repository={repository} />
            </Td>
            <Td className="max-w-72 min-w-40 truncate text-xs text-ink-2 max-lg:hidden">{repository.url}</Td>
            <Td className="max-lg:hidden">
              <code className="text-xs">{repository.default_branch}</code>
            </Td>
            <Td right className="max-sm:pr-4">
              {repository.tasks}
            </Td>
            <Td right className="text-ink-3 max-sm:hidden">
              {repository.synced_at ? <RelativeTime at={repository.synced_at} /> : '–'}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
