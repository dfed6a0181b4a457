import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { decideDeliveryMutation, sendMessageMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Run } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { runCannot } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Textarea } from '@/components/ui/input'
import { requestKey } from '@/lib/ids'
import { plural } from '@/lib/numbers'
import { toast } from '@/stores/toasts'
import { messageOf, type ReviewDraft } from './review-draft'

/** The comments gathered so far, and the way to the agent: all of them as one review. */
export function ReviewBar({ run, review }: { run: Run; review: ReviewDraft }) {
  const me = useMe()
  const cache = useQueryClient()
  const [open, setOpen] = useState(false)
  const [text, setText] = useState('')
  const key = useRef(requestKey())
  const sent = {
    onSuccess: () => {
      toast('The review was sent to the agent', { kind: 'ok' })
      review.clear()
      setText('')
      setOpen(false)
      key.current = requestKey()
      void cache.invalidateQueries()
    },
  }
  const message = useMutation({ ...sendMessageMutation(), ...sent })
  const decision = useMutation({ ...decideDeliveryMutation(), ...sent })
  // A run that waits to be delivered hears it as the decision it waits for.
  const waits = run.status === 'awaiting_delivery'
  const words = messageOf(review.comments, text.trim())
  const path = { id: run.id }
  const send = () =>
    waits
      ? decision.mutate({ path, body: { decision: 'request_changes', text: words } })
      : message.mutate({ path, body: { text: words }, headers: { 'Idempotency-Key': key.current } })
  if (review.comments.length === 0) return null
  const many = plural(review.comments.length, 'comment')
  return (
    <div
      role="status"
      className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-surface px-4 py-2 text-sm lg:px-6"
    >
      <span className="flex-1">{many} not sent yet</span>
      <Button look="quiet" onClick={review.clear}>
        Discard
      </Button>
      <Button look="primary" onClick={() => setOpen(true)}>
        Send to the agent…
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={`Send ${many}`}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Back</Button>
            <Button
              look="primary"
              busy={message.isPending || decision.isPending}
              why={whyNot(me, 'work') || (!waits && runCannot(run, 'message'))}
              onClick={send}
            >
              Send
            </Button>
          </>
        }
      >
        <div className="flex flex-col gap-3">
          <Field label="In general (may be left empty)">
            <Textarea rows={3} value={text} onChange={(event) => setText(event.target.value)} />
          </Field>
          <ul className="flex flex-col gap-2 text-sm">
            {review.comments.map((comment) => (
              <li key={`${comment.path}:${comment.side}:${comment.line}`} className="rounded-md border border-line p-2">
                <code className="text-xs text-ink-3">
                  {comment.path}:{comment.line}
                </code>
                <p className="whitespace-pre-wrap">{comment.text}</p>
              </li>
            ))}
          </ul>
          <FormProblem error={message.error ?? decision.error} />
        </div>
      </Dialog>
    </div>
  )
}
