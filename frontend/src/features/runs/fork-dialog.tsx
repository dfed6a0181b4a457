import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { forkRunMutation } from '@/api/generated/@tanstack/react-query.gen'
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
export function ForkDialog({
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
  const [instruction, setInstruction] = useState('')
  const fork = useMutation({
    ...forkRunMutation(),
    onSuccess: async (made) => {
      toast('The fork has begun', { kind: 'ok' })
      setInstruction('')
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
                body: { from_seq: at, ...(instruction.trim() ? { instruction: instruction.trim() } : {}) },
              })
            }
          >
            Fork
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        <Field label="What should be different?" hint="Told to the agent where the fork begins. May be left empty.">
          <Textarea rows={4} value={instruction} onChange={(event) => setInstruction(event.target.value)} />
        </Field>
        <RunsAgain again={againAfter(steps, at)} />
        <FormProblem error={fork.error} />
      </div>
    </Dialog>
  )
}
