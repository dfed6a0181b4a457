import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { retryRunMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Run, Step } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { runCannot } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Select } from '@/components/ui/input'
import { toast } from '@/stores/toasts'
import { againAfter, pointsOf } from './bars'
import { RunsAgain } from './runs-again'

interface RetryDialogProps {
  run: Run
  steps: readonly Step[]
  /** The step that was pointed at; without one, where it stopped. */
  from: Step | undefined
  open: boolean
  onClose: () => void
}

/** Takes a run up again: says what is done anew and what that may cost before it is. */
export default function RetryDialog({ run, steps, from, open, onClose }: RetryDialogProps) {
  const me = useMe()
  const cache = useQueryClient()
  const points = pointsOf(run, steps)
  const [chosen, setChosen] = useState<string | undefined>(from && String(from.step_no))
  const point = points.find(({ key }) => key === chosen) ?? points.at(-1)
  const retry = useMutation({
    ...retryRunMutation(),
    onSuccess: () => {
      toast('The run goes on', { kind: 'ok' })
      void cache.invalidateQueries()
      onClose()
    },
  })
  const send = () =>
    retry.mutate({ path: { id: run.id }, body: point?.seq === undefined ? {} : { from_seq: point.seq } })
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Retry the run"
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            look="primary"
            busy={retry.isPending}
            why={whyNot(me, 'work') || runCannot(run, 'retry') || (!point && 'It has no step to begin at')}
            onClick={send}
          >
            Retry
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        <Field label="From" hint="What comes before keeps its results and is not paid again.">
          <Select value={point?.key ?? ''} onChange={(event) => setChosen(event.target.value)}>
            {points.map(({ key, label }) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        {point && <RunsAgain again={againAfter(steps, point.seq)} />}
        <p className="text-ink-2">The workspace goes back to how it was then.</p>
        <FormProblem error={retry.error} />
      </div>
    </Dialog>
  )
}
