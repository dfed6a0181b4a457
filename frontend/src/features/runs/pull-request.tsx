import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ExternalLink, GitPullRequestArrow, RefreshCw } from 'lucide-react'
import {
  getPullRequestOptions,
  getPullRequestQueryKey,
  getRepositoryOptions,
  openPullRequestMutation,
  syncPullRequestMutation,
} from '@/api/generated/@tanstack/react-query.gen'
import type { PullRequest as Pull, PullRequestRef, Run } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem, ProblemCard } from '@/components/problem-card'
import { PullChecks } from '@/components/pull-checks'
import { PullBadge } from '@/components/pull-states'
import { useMe } from '@/components/session'
import { Button, IconButton } from '@/components/ui/button'
import { RelativeTime } from '@/components/values'
import { toast } from '@/stores/toasts'

/** As what a run's work is offered: its pull request, or the way to one. */
export default function PullRequest({ run }: { run: Run }) {
  return run.pull_request ? <Offered known={run.pull_request} /> : <Offer run={run} />
}

function Offered({ known }: { known: PullRequestRef }) {
  const me = useMe()
  const cache = useQueryClient()
  const path = { id: known.id }
  const { data, error, refetch } = useQuery(getPullRequestOptions({ path }))
  const sync = useMutation({
    ...syncPullRequestMutation(),
    onSuccess: (fresh: Pull) => {
      cache.setQueryData(getPullRequestQueryKey({ path }), fresh)
      void cache.invalidateQueries()
    },
  })
  const pull = data ?? known
  return (
    <section aria-label="Pull request" className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1 text-sm">
      <PullBadge pull={pull} />
      <a
        href={pull.url}
        target="_blank"
        rel="noreferrer"
        className="inline-flex items-center gap-1 font-medium text-link hover:underline"
      >
        Pull request #{pull.number}
        <ExternalLink aria-hidden className="size-3.5" />
        <span className="sr-only">opens in a new tab</span>
      </a>
      {data && <PullChecks pull={data} />}
      {data && (
        <span className="inline-flex items-center gap-1 text-xs text-ink-3">
          {data.synced_at ? (
            <>
              looked at <RelativeTime at={data.synced_at} />
            </>
          ) : (
            'as it was opened'
          )}
          <IconButton
            label="Sync: look how it stands now"
            size="icon-sm"
            busy={sync.isPending}
            disabled={Boolean(whyNot(me, 'work'))}
            onClick={() => sync.mutate({ path })}
          >
            {!sync.isPending && <RefreshCw />}
          </IconButton>
        </span>
      )}
      {error && (
        <div className="w-full">
          <ProblemCard error={error} retry={() => void refetch()} compact />
        </div>
      )}
      {sync.error && (
        <div className="w-full">
          <FormProblem error={sync.error} />
        </div>
      )}
    </section>
  )
}

/** A branch that was delivered to a server can be offered afterwards. */
function Offer({ run }: { run: Run }) {
  const me = useMe()
  const cache = useQueryClient()
  const repository = useQuery(getRepositoryOptions({ path: { id: run.repository.id } }))
  const open = useMutation({
    ...openPullRequestMutation(),
    onSuccess: ({ number }: Pull) => {
      toast(`Pull request #${number} is open`, { kind: 'ok' })
      void cache.invalidateQueries()
    },
  })
  if (!repository.data || repository.data.forge === 'local') return null
  return (
    <section aria-label="Pull request" className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1 text-sm">
      <Button
        size="sm"
        busy={open.isPending}
        why={whyNot(me, 'work')}
        onClick={() => open.mutate({ path: { id: run.id } })}
      >
        {!open.isPending && <GitPullRequestArrow />} Open pull request
      </Button>
      <span className="text-xs text-ink-3">
        The branch is delivered. What it says is made of the plan, the tests and the review.
      </span>
      {open.error && (
        <div className="w-full">
          <FormProblem error={open.error} />
        </div>
      )}
    </section>
  )
}
