import { useMutation, useQueryClient } from '@tanstack/react-query'
import { PackageCheck } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import { decideDeliveryMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Decision, Run } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Textarea } from '@/components/ui/input'
import { useGlance } from '@/components/use-glance'
import { useKeys } from '@/components/use-keys'
import { dropDraft, keepDraft, useDraft } from '@/stores/drafts'
import { toast } from '@/stores/toasts'
import { Frame } from './needs-frame'

const said: Record<Decision, string> = {
  approve: 'It is being delivered',
  request_changes: 'Sent; the agents begin another round',
  reject: 'Rejected; the run has ended',
}

/** Whether what was done goes out: yes, not like this, or no. */
export function DeliveryDecision({ run, onChecks }: { run: Run; onChecks: () => void }) {
  const me = useMe()
  const cache = useQueryClient()
  const place = `delivery/${run.id}`
  const text = useDraft(place)
  const [asking, setAsking] = useState<'request_changes' | 'reject' | undefined>(text ? 'request_changes' : undefined)
  const box = useRef<HTMLTextAreaElement>(null)
  const decide = useMutation({
    ...decideDeliveryMutation(),
    onSuccess: (_, { body }) => {
      toast(said[body.decision], { kind: 'ok' })
      dropDraft(place)
      setAsking(undefined)
      void cache.invalidateQueries()
    },
  })
  const why = whyNot(me, 'work')
  const send = (decision: Decision) => {
    // The run may still be shown as waiting for a moment after it was decided on.
    if (decide.isPending || decide.isSuccess) return
    const words = decision !== 'approve' && text.trim()
    decide.mutate({ path: { id: run.id }, body: { decision, ...(words ? { text: words } : {}) } })
  }
  const ask = (what: 'request_changes' | 'reject') => {
    setAsking(what)
    requestAnimationFrame(() => box.current?.focus())
  }
  const glanced = useGlance(run.id)
  useKeys([
    { keys: 'a', label: 'Deliver it', group: 'This page', run: (event) => !why && glanced(event) && send('approve') },
    {
      keys: 'r',
      label: 'Ask for changes',
      group: 'This page',
      run: (event) => !why && glanced(event) && ask('request_changes'),
    },
  ])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (asking && (text.trim() || asking === 'reject')) send(asking)
  }
  const question = asking === 'reject' ? 'Why not? (may be left empty)' : 'What should be different?'
  return (
    <Frame tone="plan" icon={<PackageCheck />} title="It is done and waits for your word before it is delivered.">
      {!asking && (
        <div className="flex flex-wrap gap-2 text-ink">
          <Button onClick={onChecks}>Tests and review</Button>
          <Button why={why} keys="r" onClick={() => ask('request_changes')}>
            Ask for changes
          </Button>
          <Button why={why} look="quiet" busy={decide.isPending} onClick={() => ask('reject')}>
            Reject
          </Button>
          <Button look="primary" why={why} keys="a" busy={decide.isPending} onClick={() => send('approve')}>
            Deliver
          </Button>
        </div>
      )}
      {asking && (
        <form onSubmit={submit} className="flex w-full flex-col gap-2 text-ink">
          <Textarea
            ref={box}
            rows={2}
            aria-label={question}
            placeholder={question}
            value={text}
            onChange={(event) => keepDraft(place, event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event)
              if (event.key === 'Escape') setAsking(undefined)
            }}
          />
          <div className="flex gap-2">
            <Button
              type="submit"
              look={asking === 'reject' ? 'danger' : 'primary'}
              busy={decide.isPending}
              why={asking === 'request_changes' && text.trim() === '' && 'Say what should be different'}
              keys="mod+enter"
            >
              {asking === 'reject' ? 'Reject the delivery' : 'Send'}
            </Button>
            <Button look="quiet" onClick={() => setAsking(undefined)}>
              Back
            </Button>
          </div>
        </form>
      )}
      <FormProblem error={decide.error} words={{ text: 'What should be different' }} />
    </Frame>
  )
}
