import { useMutation, useQueryClient } from '@tanstack/react-query'
import { retryRunMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Run, Step } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { runCannot } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { toast } from '@/stores/toasts'
import { againAfter } from './bars'
import { RunsAgain } from './runs-again'

interface RetryDialogProps {
  run: Run
  steps: readonly Step[]
  /** Go back to before this step; without one, go on where it stopped. */
  from: Step | undefined
  open: boolean
  onClose: () => void
}

/** Takes a run up again: says what is done anew and what that may cost before it is. */
export default function RetryDialog({ run, steps, from, open, onClose }: RetryDialogProps) {
  const me = useMe()
  const cache = useQueryClient()
  // Going back to before a step is going on after the one before it.
  const before = from && steps.filter(({ step_no, seq }) => seq !== undefined && step_no < from.step_no).at(-1)
  const fromSeq = from ? (before?.seq ?? 0) : undefined
  const again = againAfter(steps, fromSeq)
  const retry = useMutation({
    ...retryRunMutation(),
    onSuccess: () => {
      toast('The run goes on', { kind: 'ok' })
      void cache.invalidateQueries()
      onClose()
    },
  })
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={from ? 'Retry from this step' : 'Retry the run'}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            look="primary"
            busy={retry.isPending}
            why={whyNot(me, 'work') || runCannot(run, 'retry')}
            onClick={() =>
              retry.mutate({ path: { id: run.id }, body: fromSeq === undefined ? {} : { from_seq: fromSeq } })
            }
          >
            Retry
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        <RunsAgain again={again} />
        <p className="text-ink-2">
          Steps before that keep their results and are not paid again. The workspace goes back to how it was then.
        </p>
        <FormProblem error={retry.error} />
      </div>
    </Dialog>
  )
}
