import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { startRunMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Task } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { AttemptsField } from '@/components/attempts-field'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { money } from '@/lib/numbers'
import { toast } from '@/stores/toasts'

/** A run from the beginning, on what is left of the budget. */
export default function BeginDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const me = useMe()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const [attempts, setAttempts] = useState(task.options.attempts)
  const left = task.budget_usd_micros - task.cost_usd_micros
  const begin = useMutation({
    ...startRunMutation(),
    onSuccess: async (made) => {
      toast('The run has begun', { kind: 'ok' })
      onClose()
      void cache.invalidateQueries()
      await navigate({ to: '/tasks/$taskId', params: { taskId: made.task.id }, search: { run: made.id } })
    },
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={task.attempts > 0 ? 'Begin a new run' : 'Begin'}
      description={
        task.attempts > 0
          ? 'It begins anew, with what the task says now. What was done before stays as it is.'
          : 'With what the task says now.'
      }
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            look="primary"
            busy={begin.isPending}
            why={whyNot(me, 'work') || (left <= 0 && 'Nothing is left of the budget; raise it first')}
            onClick={() =>
              begin.mutate({
                path: { id: task.id },
                query: attempts === task.options.attempts ? {} : { attempts },
              })
            }
          >
            Begin
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        {task.options.mode !== 'plan_only' && (
          <AttemptsField value={attempts} onChange={setAttempts} error={begin.error?.field('attempts')} />
        )}
        <p className="text-ink-2">
          {left > 0
            ? `It may cost up to ${money(left)}: what is left of ${money(task.budget_usd_micros)}.`
            : `The task has used up its budget of ${money(task.budget_usd_micros)}.`}
        </p>
        <FormProblem error={begin.error} shown={['attempts']} />
      </div>
    </Dialog>
  )
}
