import type { ReviewComment } from '@/api/generated/types.gen'
import { placeKey } from '@/components/diff/place'
import { keepDraft, useDraft } from '@/stores/drafts'

/** Comments that were written and not sent yet: together they become one review. They survive a reload. */
export interface ReviewDraft {
  comments: ReviewComment[]
  /** Adds a comment, or changes the one that stands at its place. */
  put: (comment: ReviewComment) => void
  drop: (comment: ReviewComment) => void
  clear: () => void
}

export const samePlace = (a: ReviewComment, b: ReviewComment): boolean =>
  a.path === b.path && placeKey(a) === placeKey(b)

function parse(kept: string): ReviewComment[] {
  try {
    const found: unknown = JSON.parse(kept)
    return Array.isArray(found) ? (found as ReviewComment[]) : []
  } catch {
    return []
  }
}

export function useReviewDraft(runId: string): ReviewDraft {
  const place = `review/${runId}`
  const comments = parse(useDraft(place))
  const keep = (next: ReviewComment[]) => keepDraft(place, next.length === 0 ? '' : JSON.stringify(next))
  return {
    comments,
    put: (comment) => keep([...comments.filter((one) => !samePlace(one, comment)), comment]),
    drop: (comment) => keep(comments.filter((one) => !samePlace(one, comment))),
    clear: () => keep([]),
  }
}
