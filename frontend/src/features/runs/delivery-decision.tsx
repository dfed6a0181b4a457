import { useMutation, useQueryClient } from '@tanstack/react-query'
import { PackageCheck } from 'lucide-react'
import { decideDeliveryMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Decision, Run } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { Objection, useDecisionKeys, useObjection } from '@/components/objection'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
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
  const objection = useObjection(`delivery/${run.id}`)
  const { asking, ask } = objection
  const decide = useMutation({
    ...decideDeliveryMutation(),
    onSuccess: (_, { body }) => {
      toast(said[body.decision], { kind: 'ok' })
      objection.done()
      void cache.invalidateQueries()
    },
  })
  const why = whyNot(me, 'work')
  const send = (decision: Decision, text = '') => {
    // The run may still be shown as waiting for a moment after it was decided on.
    if (decide.isPending || decide.isSuccess) return
    decide.mutate({ path: { id: run.id }, body: { decision, ...(text ? { text } : {}) } })
  }
  useDecisionKeys({
    id: run.id,
    yes: 'Deliver it',
    can: !why,
    onYes: () => send('approve'),
    onChanges: () => ask('request_changes'),
  })
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
      <Objection objection={objection} of="delivery" busy={decide.isPending} onSend={send} />
      <FormProblem error={decide.error} words={{ text: 'What should be different' }} />
    </Frame>
  )
}
