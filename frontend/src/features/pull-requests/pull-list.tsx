import { Link, useNavigate } from '@tanstack/react-router'
import { ExternalLink } from 'lucide-react'
import type { PullRequest } from '@/api/generated/types.gen'
import { CalmRows } from '@/components/lists/calm-rows'
import { useCalm } from '@/components/lists/use-calm'
import { useRows } from '@/components/lists/use-rows'
import { PullChecks } from '@/components/pull-checks'
import { PullBadge } from '@/components/pull-states'
import { RelativeTime } from '@/components/values'
import { cn } from '@/lib/cn'

/** Pull requests, one below the other; by pointer and by keyboard. */
export function PullList({ pulls, stale }: { pulls: PullRequest[]; stale: boolean }) {
  const navigate = useNavigate()
  const calm = useCalm(pulls)
  const current = useRows(calm.shown, (id) => {
    const pull = pulls.find((one) => one.id === id)
    if (pull) void navigate({ to: '/tasks/$taskId', params: { taskId: pull.task.id }, search: { run: pull.run_id } })
  })
  return (
    <CalmRows calm={calm}>
      <ul aria-label="Pull requests" aria-busy={stale} className={cn('border-t border-line', stale && 'opacity-60')}>
        {calm.shown.map((pull) => (
          <PullLine key={pull.id} pull={pull} current={pull.id === current} />
        ))}
      </ul>
    </CalmRows>
  )
}

function PullLine({ pull, current }: { pull: PullRequest; current: boolean }) {
  return (
    <li
      data-row={pull.id}
      className={cn(
        'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2 hover:bg-surface-2 md:grid-cols-[5.5rem_minmax(0,1fr)_14rem_5rem_3.5rem] xl:grid-cols-[5.5rem_minmax(0,1fr)_24rem_5rem_3.5rem] lg:px-6',
        current && 'shadow-[inset_2px_0_0_var(--focus)]',
      )}
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
  )
}
