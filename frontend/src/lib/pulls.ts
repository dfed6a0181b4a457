import type { PullRequestRef } from '@/api/generated/types.gen'

/** A pull request in a few words: `Pull request #12, draft`. */
export const pullWord = ({ number, state, draft }: Pick<PullRequestRef, 'number' | 'state' | 'draft'>): string =>
  `Pull request #${number}, ${draft && state === 'open' ? 'draft' : state}`
