import { CircleCheck, CircleDashed, CircleX, LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'
import type { CheckState, PullRequest, ReviewState } from '@/api/generated/types.gen'
import { plural } from '@/lib/numbers'

const icons: Record<CheckState, ReactNode> = {
  none: <CircleDashed aria-hidden className="text-ink-3" />,
  pending: <LoaderCircle aria-hidden className="text-run" />,
  success: <CircleCheck aria-hidden className="text-ok" />,
  failure: <CircleX aria-hidden className="text-bad" />,
}

const reviews: Record<ReviewState, string> = {
  approved: 'approved',
  changes_requested: 'changes asked for',
  review_required: 'waits for a review',
}

/** What the checks of a server say, in words. */
export function checkWords({ checks, checks_total = 0, checks_failed = 0 }: PullRequest): string {
  switch (checks) {
    case undefined:
      return 'not looked at yet'
    case 'none':
      return 'no checks'
    case 'pending':
      return `${plural(checks_total, 'check')} under way`
    case 'failure':
      return `${checks_failed} of ${plural(checks_total, 'check')} failed`
    case 'success':
      return checks_total > 0 ? `${plural(checks_total, 'check')} passed` : 'checks passed'
  }
}

/** Checks, reviewers, and whether it could be merged: as it stood when somebody looked. */
export function PullChecks({ pull }: { pull: PullRequest }) {
  const open = pull.state === 'open'
  return (
    <span className="inline-flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-2">
      <span className="inline-flex items-center gap-1 whitespace-nowrap [&_svg]:size-4">
        {icons[pull.checks ?? 'none']} {checkWords(pull)}
      </span>
      {pull.review && open && <span className="whitespace-nowrap">{reviews[pull.review]}</span>}
      {pull.mergeable === false && open && <span className="whitespace-nowrap text-bad">conflicts with its base</span>}
    </span>
  )
}
