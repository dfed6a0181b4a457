import type { UseQueryResult } from '@tanstack/react-query'
import { RotateCcw } from 'lucide-react'
import { Suspense, useState } from 'react'
import type { Run, Step } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { useNow } from '@/components/clock'
import { part } from '@/components/part'
import { ProblemCard } from '@/components/problem-card'
import { hasEnded } from '@/components/states'
import { Timeline } from '@/components/timeline'
import { IconButton } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { barsOf } from './bars'

const RetryDialog = part(() => import('./retry-dialog'))

interface StepTimelineProps {
  run: Run
  steps: UseQueryResult<{ items: Step[] }, ApiError>
  selected: string | undefined
  onSelect: (id: string | undefined) => void
}

/** The steps of a run on one scale of time; a click shows only what happened there. */
export function StepTimeline({ run, steps, selected, onSelect }: StepTimelineProps) {
  const now = useNow(hasEnded(run) ? 'never' : 'second') || Date.now()
  const [again, setAgain] = useState<Step>()
  if (steps.isLoadingError) return <ProblemCard error={steps.error} retry={() => void steps.refetch()} compact />
  if (!steps.data)
    return (
      <div className="flex flex-col gap-3 p-2">
        {[1, 2, 3].map((n) => (
          <Skeleton key={n} className="h-8" />
        ))}
      </div>
    )
  const items = steps.data.items
  return (
    <>
      <Timeline
        bars={barsOf(items, now)}
        now={now}
        selected={selected}
        onSelect={onSelect}
        actions={(bar) => {
          const step = bar.depth === 0 ? items.find(({ step_no }) => String(step_no) === bar.id) : undefined
          return (
            step && (
              <IconButton label={`Retry from “${bar.label}”`} size="icon-sm" onClick={() => setAgain(step)}>
                <RotateCcw />
              </IconButton>
            )
          )
        }}
      />
      <Suspense>
        {again && <RetryDialog run={run} steps={items} from={again} open onClose={() => setAgain(undefined)} />}
      </Suspense>
    </>
  )
}
