import { type Place, placeKey } from '@/components/diff/place'
import { keepDraft, useDraft } from '@/stores/drafts'

/** A word about a line of a file that was not sent yet. */
export interface DraftComment extends Place {
  path: string
  text: string
}

/** Comments that were written and not sent yet: together they become one review. They survive a reload, those that are
 *  only half written as well. */
export interface ReviewDraft {
  comments: DraftComment[]
  /** What is being written, at places of its own or in the place of a comment. */
  writing: DraftComment[]
  /** Goes on writing at a place. */
  write: (comment: DraftComment) => void
  /** Writes no more there; a comment that stands there stays as it was. */
  stop: (comment: DraftComment) => void
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

const keep = (place: string, next: DraftComment[]) => keepDraft(place, next.length === 0 ? '' : JSON.stringify(next))
const without = (all: DraftComment[], comment: DraftComment) => all.filter((one) => keyOf(one) !== keyOf(comment))

export function useReviewDraft(runId: string): ReviewDraft {
  const [place, half] = [`review/${runId}`, `writing/${runId}`]
  const comments = parse(useDraft(place))
  const writing = parse(useDraft(half))
  const stop = (comment: DraftComment) => keep(half, without(writing, comment))
  return {
    comments,
    writing,
    // In its place: a box does not move while one types in it.
    write: (comment) =>
      keep(
        half,
        writing.some((one) => keyOf(one) === keyOf(comment))
          ? writing.map((one) => (keyOf(one) === keyOf(comment) ? comment : one))
          : [...writing, comment],
      ),
    stop,
    put: (comment) => {
      keep(place, [...without(comments, comment), comment])
      stop(comment)
    },
    drop: (comment) => {
      keep(place, without(comments, comment))
      stop(comment)
    },
    clear: () => {
      keep(place, [])
      keep(half, [])
    },
  }
}
