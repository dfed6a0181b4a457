import { type Place, placeKey } from '@/components/diff/place'
import { keepDraft, useDraft } from '@/stores/drafts'

/** A word about a line of a file that was not sent yet. */
export interface DraftComment extends Place {
  path: string
  text: string
}

/** Comments that were written and not sent yet: together they become one review. They survive a reload. */
export interface ReviewDraft {
  comments: DraftComment[]
  /** Adds a comment, or changes the one that stands at its place. */
  put: (comment: DraftComment) => void
  drop: (comment: DraftComment) => void
  clear: () => void
}

export const keyOf = (comment: DraftComment): string => `${comment.path}:${placeKey(comment)}`

function parse(kept: string): DraftComment[] {
  try {
    const found: unknown = JSON.parse(kept)
    return Array.isArray(found) ? (found as DraftComment[]) : []
  } catch {
    return []
  }
}

export function useReviewDraft(runId: string): ReviewDraft {
  const place = `review/${runId}`
  const comments = parse(useDraft(place))
  const keep = (next: DraftComment[]) => keepDraft(place, next.length === 0 ? '' : JSON.stringify(next))
  const others = (comment: DraftComment) => comments.filter((one) => keyOf(one) !== keyOf(comment))
  return {
    comments,
    put: (comment) => keep([...others(comment), comment]),
    drop: (comment) => keep(others(comment)),
    clear: () => keep([]),
  }
}
