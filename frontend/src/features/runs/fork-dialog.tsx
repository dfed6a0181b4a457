import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { forkRunMutation, getTaskOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Run, Step } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { runCannot } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Textarea } from '@/components/ui/input'
import { toast } from '@/stores/toasts'
import { againAfter } from './bars'
import { RunsAgain } from './runs-again'

/** Begins a second run that shares this one's past up to an event, and may be told something else from there on. */
export default function ForkDialog({
  run,
  seq,
  steps,
  onClose,
}: {
  run: Run
  seq: number | undefined
  steps: readonly Step[]
  onClose: () => void
}) {
  const me = useMe()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const task = useQuery({ ...getTaskOptions({ path: { id: run.task.id } }), enabled: seq !== undefined })
  const [typed, setTyped] = useState<string>()
  const before = task.data?.description ?? ''
  const words = typed ?? before
  const fork = useMutation({
    ...forkRunMutation(),
    onSuccess: async (made) => {
      toast('The fork has begun', { kind: 'ok' })
      setTyped(undefined)
      onClose()
      void cache.invalidateQueries()
      await navigate({ to: '/tasks/$taskId', params: { taskId: made.task.id }, search: { run: made.id } })
    },
  })
  const at = seq ?? 0
  return (
    <Dialog
      open={seq !== undefined}
      onClose={onClose}
      title="Fork from here"
      description={`A new run begins with everything that happened up to event ${at}. The first one stays as it is.`}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            look="primary"
            busy={fork.isPending}
            why={whyNot(me, 'work') || runCannot(run, 'fork')}
            onClick={() =>
              fork.mutate({
                path: { id: run.id },
                body: { from_seq: at, ...(words === before ? {} : { description: words }) },
              })
            }
          >
            Fork
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        <Field
          label="What is asked for"
          hint="What you change here holds for the fork from its next step on; the task keeps its own words."
        >
          <Textarea rows={6} value={words} onChange={(event) => setTyped(event.target.value)} />
        </Field>
        <RunsAgain again={againAfter(steps, at)} />
        <FormProblem error={fork.error} />
      </div>
    </Dialog>
  )
}
