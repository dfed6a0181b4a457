import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { forkRunMutation, getTaskOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Run, Step } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem, ProblemCard } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { runCannot } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Skeleton } from '@/components/ui/skeleton'
import { toast } from '@/stores/toasts'
import { againAfter } from './bars'
import { ForkFields } from './fork-fields'
import { type ForkWords, forkOf, leftOf, wordsOf } from './fork-words'
import { RunsAgain } from './runs-again'

interface ForkDialogProps {
  run: Run
  /** The last event that both share. */
  seq: number
  steps: readonly Step[]
  onClose: () => void
}

/** Begins a second run that shares this one's past up to an event, and may be told something else from there on. */
export default function ForkDialog({ run, seq, steps, onClose }: ForkDialogProps) {
  const me = useMe()
  const cache = useQueryClient()
  const navigate = useNavigate()
  const task = useQuery(getTaskOptions({ path: { id: run.task.id } }))
  const [typed, setTyped] = useState<Partial<ForkWords>>({})
  const before = wordsOf(task.data)
  const words = { ...before, ...typed }
  const left = task.data ? leftOf(task.data) : 0
  const { body, wrong } = forkOf(seq, before, words, left)
  const fork = useMutation({
    ...forkRunMutation(),
    onSuccess: async (made) => {
      toast('The fork has begun', { kind: 'ok' })
      onClose()
      void cache.invalidateQueries()
      await navigate({ to: '/tasks/$taskId', params: { taskId: made.task.id }, search: { run: made.id } })
    },
  })
  const faulty = Object.keys(wrong).length > 0
  return (
    <Dialog
      open
      onClose={onClose}
      title="Fork from here"
      description={`A new run begins with everything that happened up to event ${seq}. The first one stays as it is.`}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            look="primary"
            busy={fork.isPending}
            why={
              whyNot(me, 'work') ||
              runCannot(run, 'fork') ||
              (!task.data && 'The task is not here yet') ||
              (left <= 0 && 'Nothing is left of the budget of the task; raise it first')
            }
            onClick={() => !faulty && fork.mutate({ path: { id: run.id }, body })}
          >
            Fork
          </Button>
        </>
      }
    >
      {task.isLoadingError ? (
        <ProblemCard error={task.error} retry={() => void task.refetch()} compact />
      ) : !task.data ? (
        <Skeleton className="h-40" />
      ) : (
        <form className="flex flex-col gap-3 text-sm" onSubmit={(event) => event.preventDefault()}>
          <ForkFields
            words={words}
            onChange={(change) => setTyped({ ...typed, ...change })}
            wrong={wrong}
            error={fork.error}
            left={left}
          />
          <RunsAgain again={againAfter(steps, seq)} otherModel={words.model !== ''} />
          <FormProblem error={fork.error} shown={['title', 'description', 'model', 'budget_usd_micros']} />
        </form>
      )}
    </Dialog>
  )
}
