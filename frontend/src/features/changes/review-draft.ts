import { type Place, placeKey } from '@/components/diff/place'
import { keepDraft, useDraft } from '@/stores/drafts'

/** A word about a line of a file. */
export interface ReviewComment extends Place {
  path: string
  /** The line as it stands there. */
  code: string
  text: string
}

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

/** One message of all comments: where, what stands there, and what is said about it. */
export function messageOf(comments: readonly ReviewComment[], general: string): string {
  const parts = comments.map(
    ({ path, side, line, code, text }) =>
      `${path}:${line}${side === 'old' ? ' (before the change)' : ''}\n> ${code.trim()}\n${text}`,
  )
  return ['A review of your changes:', ...(general ? [general] : []), ...parts].join('\n\n')
}
