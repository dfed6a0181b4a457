import { useQuery } from '@tanstack/react-query'
import type { PersonReview, ReviewComment } from '@/api/generated/types.gen'
import { reviewsOf } from '@/api/whole'
import type { Note } from '@/components/diff/notes'
import { Avatar } from '@/components/ui/avatar'
import { RelativeTime } from '@/components/values'
import { plural } from '@/lib/numbers'

/** The reviews that people have sent to a run; nothing while they are asked for. Without them the changes can still be
 *  read. */
export function useReviews(runId: string): readonly PersonReview[] | undefined {
  const { data, isPending } = useQuery(reviewsOf(runId))
  return data?.items ?? (isPending ? undefined : none)
}

const none: readonly PersonReview[] = []

/** What was said about the lines of a file, to be shown on them. */
export const notesOn = (path: string, reviews: readonly PersonReview[]): Note[] =>
  reviews.flatMap((review) =>
    review.comments
      .filter((comment) => comment.path === path)
      .map((comment, i) => ({
        key: `${review.id} ${i}`,
        side: comment.side,
        line: comment.line,
        code: comment.code,
        node: <SentComment review={review} comment={comment} />,
      })),
  )

function SentComment({ review, comment }: { review: PersonReview; comment: ReviewComment }) {
  const lines = comment.start_line < comment.line ? ` · lines ${comment.start_line}–${comment.line}` : ''
  return (
    <div className="flex max-w-2xl items-start gap-2 rounded-md border border-line bg-surface p-2 font-sans">
      <Avatar name={review.by.name} />
      <div className="min-w-0 flex-1">
        <p className="text-xs text-ink-3">
          <span className="font-medium text-ink-2">{review.by.name}</span> <RelativeTime at={review.created_at} />
          {lines}
        </p>
        <p className="text-sm whitespace-pre-wrap wrap-anywhere">{comment.text}</p>
      </div>
    </div>
  )
}

/** What was said in general, review by review. */
export function SentReviews({ reviews }: { reviews: readonly PersonReview[] }) {
  const said = reviews.filter(({ text }) => text !== '')
  if (said.length === 0) return null
  return (
    <ul aria-label="Reviews that were sent" className="mb-3 flex flex-col gap-2">
      {said.map((review) => (
        <li key={review.id} className="flex items-start gap-2 rounded-lg border border-line bg-surface px-3 py-2">
          <Avatar name={review.by.name} />
          <div className="min-w-0 flex-1">
            <p className="text-xs text-ink-3">
              <span className="font-medium text-ink-2">{review.by.name}</span>{' '}
              {review.sent_as === 'decision' ? 'asked for changes' : 'said to the agent'}{' '}
              <RelativeTime at={review.created_at} />
              {review.comments.length > 0 && ` · ${plural(review.comments.length, 'comment')} on lines`}
            </p>
            <p className="text-sm whitespace-pre-wrap wrap-anywhere">{review.text}</p>
          </div>
        </li>
      ))}
    </ul>
  )
}
