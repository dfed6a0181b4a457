import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { decidePlanMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Decision, Plan, PlanVersion, Run } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { Objection, useDecisionKeys, useObjection } from '@/components/objection'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { toast } from '@/stores/toasts'
import { PlanEditor } from './plan-editor'

const said: Record<Decision, string> = {
  approve: 'Approved; the code is being written',
  request_changes: 'Sent; a new plan is on its way',
  reject: 'Rejected; the run has ended',
}

/** Yes, not like this, or no. The decision carries the version that was read. */
export function PlanDecision({ run, shown, old }: { run: Run; shown: PlanVersion; old: boolean }) {
  const me = useMe()
  const cache = useQueryClient()
  const objection = useObjection(`plan/${run.id}`)
  const { asking, ask } = objection
  const [editing, setEditing] = useState(false)
  const decided = useRef<string>(undefined)
  const what = `${run.id}/${shown.version}`
  const waits = run.status === 'awaiting_plan' && !shown.decision
  const why = whyNot(me, 'work') || (old && 'Read the newest version first')
  const decide = useMutation({
    ...decidePlanMutation(),
    onSuccess: (_, { body }) => {
      toast(said[body.decision], { kind: 'ok' })
      objection.done()
      setEditing(false)
      void cache.invalidateQueries()
    },
  })
  const send = (decision: Decision, text = '', plan?: Plan) => {
    // The run may still be shown as waiting for a moment after it was decided on.
    if (decide.isPending || (decide.isSuccess && decided.current === what)) return
    decided.current = what
    decide.mutate({
      path: { id: run.id, version: shown.version },
      body: { decision, ...(text ? { text } : {}), ...(plan ? { plan } : {}) },
    })
  }
  useDecisionKeys({
    id: what,
    yes: 'Approve the plan',
    alsoYes: 'mod+enter',
    can: waits && !why && !decide.isPending && !asking && !editing,
    onYes: () => send('approve'),
    onChanges: () => ask('request_changes'),
  })
  if (!waits) return null
  if (editing)
    return (
      <PlanEditor
        plan={shown.plan}
        busy={decide.isPending}
        error={decide.error}
        onClose={() => setEditing(false)}
        onSend={(plan) => send('approve', '', plan)}
      />
    )
  return (
    <div className="shrink-0 border-t border-line bg-surface px-4 py-3 lg:px-6">
      <div className="mx-auto flex max-w-3xl flex-col gap-2">
        {decide.error?.status === 409 ? (
          <p role="alert" className="text-sm text-wait">
            The plan has changed meanwhile. Read the new version and decide on that.
          </p>
        ) : (
          <FormProblem error={decide.error} />
        )}
        <Objection objection={objection} of="plan" busy={decide.isPending} onSend={send} />
        {!asking && (
          <div className="flex flex-wrap items-center gap-2">
            <Button look="primary" busy={decide.isPending} why={why} keys="mod+enter" onClick={() => send('approve')}>
              Approve
            </Button>
            <Button why={why} keys="r" onClick={() => ask('request_changes')}>
              Ask for changes
            </Button>
            <Button why={why} onClick={() => setEditing(true)}>
              Edit
            </Button>
            <Button look="quiet" why={why} className="ml-auto" onClick={() => ask('reject')}>
              Reject
            </Button>
          </div>
        )}
      </div>
    </div>
  )
}
