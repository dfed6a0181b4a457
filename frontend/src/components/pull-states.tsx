import { GitMerge, GitPullRequestArrow, GitPullRequestClosed, GitPullRequestDraft } from 'lucide-react'
import type { ReactNode } from 'react'
import type { PullRequestRef, PullRequestState } from '@/api/generated/types.gen'
import { Badge, type Tone } from './ui/badge'

/** How each state of a pull request looks. */
export const pullStates: Record<PullRequestState, { word: string; tone: Tone; icon: ReactNode }> = {
  open: { word: 'Open', tone: 'ok', icon: <GitPullRequestArrow aria-hidden /> },
  merged: { word: 'Merged', tone: 'plan', icon: <GitMerge aria-hidden /> },
  closed: { word: 'Closed', tone: 'bad', icon: <GitPullRequestClosed aria-hidden /> },
}
const draft = { word: 'Draft', tone: 'idle', icon: <GitPullRequestDraft aria-hidden /> } as const

/** How a pull request stands; an open draft is a draft. */
export function PullBadge({ pull }: { pull: Pick<PullRequestRef, 'state' | 'draft'> }) {
  const { word, tone, icon } = pull.draft && pull.state === 'open' ? draft : pullStates[pull.state]
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  )
}
