import { useQuery } from '@tanstack/react-query'
import { GitBranch } from 'lucide-react'
import { listBranchesOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { ProblemCard } from '@/components/problem-card'
import { SkeletonRows } from '@/components/ui/skeleton'
import { RelativeTime } from '@/components/values'
import { CodeLink } from './code-link'
import { useBeingFetched } from './fetches'
import { NotYet } from './not-yet'
import { SyncState } from './sync-state'

/** What is known of a repository, and its branches. */
export function RepositoryOverview({ repository }: { repository: Repository }) {
  const underWay = useBeingFetched(repository)
  const facts = [
    ['State', <SyncState key="s" repository={repository} />],
    [
      'Address',
      <code key="a" className="text-xs wrap-anywhere">
        {repository.url}
      </code>,
    ],
    [
      'Main branch',
      <code key="b" className="text-xs">
        {repository.default_branch}
      </code>,
    ],
    [
      'Newest commit',
      <code key="c" className="text-xs">
        {repository.head_commit?.slice(0, 12) ?? '–'}
      </code>,
    ],
    ['Connected by', repository.owner.name],
    ['Fetched', repository.synced_at ? <RelativeTime key="t" at={repository.synced_at} /> : 'not yet'],
  ] as const
  return (
    <div className="flex flex-col gap-6 px-4 py-4 lg:px-6">
      {repository.sync_error && !repository.pending_since && !underWay && (
        <p className="max-w-3xl rounded-md bg-bad-tint px-3 py-2 text-sm wrap-anywhere text-bad">
          {repository.sync_error}
        </p>
      )}
      {repository.pending_since && (
        <div className="max-w-3xl rounded-lg border border-line">
          <NotYet repository={repository} />
        </div>
      )}
      <dl className="grid max-w-3xl gap-x-8 gap-y-3 text-sm sm:grid-cols-2">
        {facts.map(([word, value]) => (
          <div key={word}>
            <dt className="text-xs text-ink-3">{word}</dt>
            <dd className="mt-0.5">{value}</dd>
          </div>
        ))}
      </dl>
      {!repository.pending_since && <Branches repository={repository} />}
    </div>
  )
}

function Branches({ repository }: { repository: Repository }) {
  const branches = useQuery(listBranchesOptions({ path: { id: repository.id } }))
  return (
    <section aria-label="Branches" className="max-w-3xl">
      <h2 className="mb-1 text-sm font-medium">Branches</h2>
      {branches.isLoadingError ? (
        <ProblemCard error={branches.error} retry={() => void branches.refetch()} compact />
      ) : !branches.data ? (
        <SkeletonRows rows={3} />
      ) : branches.data.items.length === 0 ? (
        <p className="text-sm text-ink-2">There is no branch yet.</p>
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line bg-surface text-sm">
          {branches.data.items.map((branch) => (
            <li key={branch.name} className="flex items-center gap-2 px-3 py-2">
              <GitBranch aria-hidden className="size-4 shrink-0 text-ink-3" />
              <CodeLink
                repository={repository.id}
                at={branch.name === repository.default_branch ? undefined : branch.name}
                className="min-w-0 flex-1 truncate leading-6 hover:underline"
              >
                {branch.name}
              </CodeLink>
              <code className="text-xs text-ink-3">{branch.commit.slice(0, 12)}</code>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
