import { Bot, ClipboardList, Code2, Columns3, Eye, FlaskConical, Send, Trophy } from 'lucide-react'
import type { ReactNode } from 'react'
import type { RunResult, Status } from '@/api/generated/types.gen'

interface StepLook {
  word: string
  /** Who is at work in it, and what that is. */
  now: string
  icon: ReactNode
}

const steps: Record<string, StepLook> = {
  plan: { word: 'Plan', now: 'Planner plans', icon: <ClipboardList aria-hidden /> },
  code: { word: 'Code', now: 'Coder writes', icon: <Code2 aria-hidden /> },
  test: { word: 'Test', now: 'Tests run', icon: <FlaskConical aria-hidden /> },
  review: { word: 'Review', now: 'Reviewer reads', icon: <Eye aria-hidden /> },
  publish: { word: 'Deliver', now: 'Is delivered', icon: <Send aria-hidden /> },
  attempts: { word: 'Attempts', now: 'Attempts run', icon: <Columns3 aria-hidden /> },
  choose: { word: 'Choose', now: 'Best is chosen', icon: <Trophy aria-hidden /> },
}

export const isStep = (name: string): boolean => name in steps
/** A step as people say it; one that is not known keeps its own name. */
export const stepWord = (name: string): string => steps[name]?.word ?? name
export const stepIcon = (name: string): ReactNode => steps[name]?.icon ?? <Bot aria-hidden />

/** What the end of a run comes to, as people say it. */
export const results: Record<RunResult, string> = {
  published: 'Delivered',
  planned: 'A plan',
  needs_human: 'A person must look',
  infeasible: 'Cannot be done as asked',
  rejected: 'Rejected',
  out_of_budget: 'Out of budget',
  candidate: 'Offered to the choice',
}

export const atWork = ({ status }: { status: Status }): boolean => status === 'planning' || status === 'running'

/** Who is at work on it now, or what came of it. */
export function Work({
  status,
  step,
  result,
}: {
  status: Status
  step?: string | undefined
  result?: RunResult | undefined
}) {
  if (atWork({ status }))
    return (
      <span className="inline-flex max-w-full items-center gap-1.5 text-run [&_svg]:size-3.5 [&_svg]:shrink-0">
        {stepIcon(step ?? '')}
        <span className="truncate">{steps[step ?? '']?.now ?? (step ? stepWord(step) : 'Begins')}</span>
      </span>
    )
  return result ? <span className="block truncate text-ink-3">{results[result]}</span> : null
}
