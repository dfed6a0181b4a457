import { useMutation, useQueryClient } from '@tanstack/react-query'
import { MessageSquareText } from 'lucide-react'
import { useState } from 'react'
import { sendReviewMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Run } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { Confirm } from '@/components/confirm'
import { linesOf } from '@/components/diff/place'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { runCannot } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Textarea } from '@/components/ui/input'
import { plural } from '@/lib/numbers'
import { dropDraft, keepDraft, useDraft } from '@/stores/drafts'
import { toast } from '@/stores/toasts'
import { keyOf, type ReviewDraft } from './review-draft'

/** Why a review would reach nobody now; nothing when it would. */
const deaf = (run: Run) => run.status !== 'awaiting_delivery' && runCannot(run, 'message')

/** The way to the agents: comments gathered so far and words in general, all of them as one review. */
export function ReviewButton({ run, review }: { run: Run; review: ReviewDraft }) {
  const [open, setOpen] = useState(false)
  const why = deaf(run)
  if (review.comments.length > 0) return null
  return (
    <>
      <Button size="sm" why={why} onClick={() => setOpen(true)}>
        <MessageSquareText /> Write a review
      </Button>
      {open && <SendReview run={run} review={review} onClose={() => setOpen(false)} />}
    </>
  )
}

/** Comments that were not sent yet, and what can be done with them. */
export function ReviewBar({ run, review }: { run: Run; review: ReviewDraft }) {
  const [asked, setAsked] = useState(false)
  const [open, setOpen] = useState(false)
  if (review.comments.length === 0) return null
  return (
    <div
      role="status"
      className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-surface px-4 py-2 text-sm lg:px-6"
    >
      <span className="flex-1">{plural(review.comments.length, 'comment')} not sent yet</span>
      <Button look="quiet" onClick={() => setAsked(true)}>
        Discard
      </Button>
      <Confirm
        open={asked}
        onClose={() => setAsked(false)}
        title={`Discard ${plural(review.comments.length, 'comment')}?`}
        action="Discard"
        danger
        onConfirm={() => {
          review.clear()
          setAsked(false)
        }}
      >
        They were not sent, and are kept nowhere else.
      </Confirm>
      <Button look="primary" onClick={() => setOpen(true)}>
        Send to the agent…
      </Button>
      {open && <SendReview run={run} review={review} onClose={() => setOpen(false)} />}
    </div>
  )
}

function SendReview({ run, review, onClose }: { run: Run; review: ReviewDraft; onClose: () => void }) {
  const me = useMe()
  const cache = useQueryClient()
  const place = `review-words/${run.id}`
  const text = useDraft(place)
  const { comments } = review
  const send = useMutation({
    ...sendReviewMutation(),
    onSuccess: () => {
      toast('The review was sent to the agent', { kind: 'ok' })
      review.clear()
      dropDraft(place)
      onClose()
      void cache.invalidateQueries()
    },
  })
  const wrong = (i: number) =>
    send.error?.problem.errors?.find(({ path }) => new RegExp(`comments[/.[]${i}(\\D|$)`).test(path))?.message
  const placed = comments.some((_, i) => wrong(i))
  return (
    <Dialog
      open
      onClose={onClose}
      title={comments.length > 0 ? `Send ${plural(comments.length, 'comment')}` : 'Write a review'}
      description={
        run.status === 'awaiting_delivery'
          ? 'The agents take it as the wish for changes, and begin another round.'
          : 'The agent hears it before its next turn.'
      }
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button
            look="primary"
            busy={send.isPending}
            why={
              whyNot(me, 'work') ||
              deaf(run) ||
              (comments.length === 0 && text.trim() === '' && 'Write something first')
            }
            onClick={() =>
              send.mutate({
                path: { id: run.id },
                body: {
                  ...(text.trim() ? { text: text.trim() } : {}),
                  comments: comments.map(({ path, side, line, start, text }) => ({
                    path,
                    side,
                    line,
                    ...(start === undefined ? {} : { start_line: start }),
                    text,
                  })),
                },
              })
            }
          >
            Send
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Field label={comments.length > 0 ? 'In general (may be left empty)' : 'What should be different?'}>
          <Textarea rows={3} value={text} onChange={(event) => keepDraft(place, event.target.value)} />
        </Field>
        {comments.length > 0 && (
          <ul className="flex flex-col gap-2 text-sm">
            {comments.map((comment, i) => (
              <li key={keyOf(comment)} className="rounded-md border border-line p-2">
                <code className="text-xs break-all text-ink-3">
                  {comment.path}:{linesOf(comment)}
                </code>
                <p className="whitespace-pre-wrap">{comment.text}</p>
                {wrong(i) && <p className="text-xs text-bad">{wrong(i)}</p>}
              </li>
            ))}
          </ul>
        )}
        {!placed && <FormProblem error={send.error} />}
      </div>
    </Dialog>
  )
}
