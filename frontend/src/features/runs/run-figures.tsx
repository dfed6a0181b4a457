import type { ReactNode } from 'react'
import type { Run, Task } from '@/api/generated/types.gen'
import { Budget, Elapsed, Money, possibleCost, Tokens } from '@/components/values'

/** What a task may cost and has cost, and what of that this run has taken. */
export function RunFigures({ task, run }: { task: Task; run: Run }) {
  const more = possibleCost(run.usage)
  return (
    <>
      <Of word="Task" title="What all runs of the task have cost, of what they may cost together">
        <Budget spent={task.cost_usd_micros} cap={task.budget_usd_micros} />
      </Of>
      <Of word={run.attempt_of ? 'This attempt' : 'This run'} title="What this run alone has taken">
        <Money micros={run.usage.cost_usd_micros} />
        <Tokens n={run.usage.input_tokens + run.usage.output_tokens} />
        <Elapsed from={run.created_at} to={run.ended_at} />
      </Of>
      {more && <span className="order-last basis-full text-xs text-wait">{more}</span>}
    </>
  )
}

/** Numbers, and what they are of. */
function Of({ word, title, children }: { word: string; title: string; children: ReactNode }) {
  return (
    <span title={title} className="inline-flex flex-wrap items-center gap-x-2 text-ink-2">
      <span className="text-xs text-ink-3">{word}</span>
      {children}
    </span>
  )
}
