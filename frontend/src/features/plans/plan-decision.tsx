import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import { decidePlanMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Decision, Plan, PlanVersion, Run } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Textarea } from '@/components/ui/input'
import { useGlance } from '@/components/use-glance'
import { useKeys } from '@/components/use-keys'
import { dropDraft, keepDraft, useDraft } from '@/stores/drafts'
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
  const place = `plan/${run.id}`
  const text = useDraft(place)
  const [asking, setAsking] = useState<'request_changes' | 'reject' | undefined>(text ? 'request_changes' : undefined)
  const [editing, setEditing] = useState(false)
  const box = useRef<HTMLTextAreaElement>(null)
  const decided = useRef<string>(undefined)
  const waits = run.status === 'awaiting_plan' && !shown.decision
  const why = whyNot(me, 'work') || (old && 'Read the newest version first')
  const decide = useMutation({
    ...decidePlanMutation(),
    onSuccess: (_, { body }) => {
      toast(said[body.decision], { kind: 'ok' })
      dropDraft(place)
      setAsking(undefined)
      setEditing(false)
      void cache.invalidateQueries()
    },
  })
  const send = (decision: Decision, plan?: Plan) => {
    // The run may still be shown as waiting for a moment after it was decided on.
    const what = `${run.id}/${shown.version}`
    if (decide.isPending || (decide.isSuccess && decided.current === what)) return
    decided.current = what
    decide.mutate({
      path: { id: run.id, version: shown.version },
      body: {
        decision,
        ...(text.trim() && decision !== 'approve' ? { text: text.trim() } : {}),
        ...(plan ? { plan } : {}),
      },
    })
  }
  const glanced = useGlance(`${run.id}/${shown.version}`)
  const pressed = (event: KeyboardEvent, act: () => void) => {
    if (waits && !why && !decide.isPending && glanced(event)) act()
  }
  const ask = (what: 'request_changes' | 'reject') => {
    setAsking(what)
    requestAnimationFrame(() => box.current?.focus())
  }
  useKeys([
    { keys: 'a', label: 'Approve the plan', group: 'This page', run: (event) => pressed(event, () => send('approve')) },
    {
      keys: 'r',
      label: 'Ask for changes',
      group: 'This page',
      run: (event) => pressed(event, () => ask('request_changes')),
    },
  ])
  if (!waits) return null
  if (editing)
    return (
      <PlanEditor
        plan={shown.plan}
        busy={decide.isPending}
        error={decide.error}
        onClose={() => setEditing(false)}
        onSend={(plan) => send('approve', plan)}
      />
    )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (asking && (text.trim() || asking === 'reject')) send(asking)
  }
  return (
    <form onSubmit={submit} className="shrink-0 border-t border-line bg-surface px-4 py-3 lg:px-6">
      <div className="mx-auto flex max-w-3xl flex-col gap-2">
        {decide.error?.status === 409 ? (
          <p role="alert" className="text-sm text-wait">
            The plan has changed meanwhile. Read the new version and decide on that.
          </p>
        ) : (
          <FormProblem error={decide.error} />
        )}
        {asking && (
          <Field label={asking === 'reject' ? 'Why not? (may be left empty)' : 'What should be different?'}>
            <Textarea
              ref={box}
              rows={3}
              value={text}
              onChange={(event) => keepDraft(place, event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event)
                if (event.key === 'Escape') setAsking(undefined)
              }}
            />
          </Field>
        )}
        <div className="flex flex-wrap items-center gap-2">
          {asking ? (
            <>
              <Button
                type="submit"
                look={asking === 'reject' ? 'danger' : 'primary'}
                busy={decide.isPending}
                why={asking === 'request_changes' && text.trim() === '' && 'Say what should be different'}
                keys="mod+enter"
              >
                {asking === 'reject' ? 'Reject the plan' : 'Send'}
              </Button>
              <Button look="quiet" onClick={() => setAsking(undefined)}>
                Back
              </Button>
            </>
          ) : (
            <>
              <Button look="primary" busy={decide.isPending} why={why} keys="a" onClick={() => send('approve')}>
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
            </>
          )}
        </div>
      </div>
    </form>
  )
}
