import { Bot } from 'lucide-react'
import type { Run, Step, StepState } from '@/api/generated/types.gen'
import { isStep, stepIcon, stepWord } from '@/components/steps'
import type { Bar } from '@/components/timeline'
import type { Tone } from '@/components/ui/badge'
import { Cost, possibleCost } from '@/components/values'
import { duration } from '@/lib/dates'
import { money, plural } from '@/lib/numbers'

/** While a run comes back from waiting, its step may still bear the name of what it waited for: its agent says more. */
const byAgent: Record<string, string> = { planner: 'plan', coder: 'code', tester: 'test', reviewer: 'review' }
const nameOf = ({ name, agent_runs }: Step): string =>
  isStep(name) ? name : (byAgent[agent_runs[0]?.agent ?? ''] ?? name)
const unnamed: Record<string, string> = {
  plan_decided: 'Goes on after the plan',
  answered: 'Goes on after the answer',
  budget_raised: 'Goes on with more budget',
  delivery_decided: 'Goes on after the decision',
}

const stateWords: Record<StepState, string> = {
  running: 'at work',
  done: 'done',
  failed: 'failed',
  superseded: 'put aside by a retry',
}
const tones: Record<StepState, Tone> = { running: 'run', done: 'ok', failed: 'bad', superseded: 'idle' }
/** Words that end a step without ending it well. */
const unhappy = new Set([
  'failing',
  'request_changes',
  'reject',
  'gave_up',
  'infeasible',
  'needs_answer',
  'out_of_budget',
])
const ms = (at: string | undefined) => (at ? new Date(at).getTime() : undefined)

/** The steps of a run as bars, with the agents that worked in them. */
export function barsOf(steps: readonly Step[], now: number): Bar[] {
  const rounds = new Map<string, number>()
  return steps.flatMap((step): Bar[] => {
    const name = nameOf(step)
    const round = (rounds.get(name) ?? 0) + 1
    rounds.set(name, round)
    const from = ms(step.started_at) ?? now
    const to = ms(step.ended_at)
    const word = unnamed[name] ?? stepWord(name)
    const label = round > 1 ? `${word} ${round}` : word
    const took = duration((to ?? now) - from)
    const result = step.result ? `, ${step.result.replaceAll('_', ' ')}` : ''
    const more = possibleCost(step.usage)
    const own: Bar = {
      id: String(step.step_no),
      label,
      detail: `${label}: ${stateWords[step.state]}${result}, ${took}${to ? '' : ' so far'}, ${money(step.usage.cost_usd_micros)}${more ? `. ${more}` : ''}`,
      depth: 0,
      tone: step.state === 'done' && unhappy.has(step.result ?? '') ? 'wait' : tones[step.state],
      icon: stepIcon(name),
      from,
      to,
      aside: step.usage.cost_usd_micros > 0 || more ? <Cost usage={step.usage} /> : undefined,
    }
    const agents = step.agent_runs.map((agent): Bar => {
      const began = ms(agent.started_at) ?? from
      const ended = ms(agent.ended_at)
      return {
        id: `${step.step_no}/${agent.id}`,
        label: agent.agent,
        detail: `${agent.agent} (${agent.model}): ${agent.state}, ${plural(agent.turns, 'turn')}, ${duration((ended ?? now) - began)}`,
        depth: 1,
        tone: agent.state === 'failed' ? 'bad' : agent.state === 'running' ? 'run' : 'idle',
        icon: <Bot aria-hidden />,
        from: began,
        to: ended,
        aside: <span>{plural(agent.turns, 'turn')}</span>,
      }
    })
    return [own, ...agents]
  })
}

/** Places from which a run can be taken up again: before each of its own steps, and where it stopped. */
export function pointsOf(run: Run, steps: readonly Step[]): { key: string; label: string; seq: number | undefined }[] {
  const recorded = steps.filter(({ seq, state }) => seq !== undefined && state === 'done')
  const labels = new Map(barsOf(recorded, 0).map(({ id, label }) => [id, label]))
  const points = recorded.flatMap((step, i) => {
    // Going back to before a step is going on after the one before it.
    const seq = recorded[i - 1]?.seq ?? 0
    const key = String(step.step_no)
    return seq < (run.fork_seq ?? 0) ? [] : [{ key, label: `Step ${i + 1}: ${labels.get(key)}`, seq }]
  })
  const stopped = run.status === 'failed' || run.status === 'canceled'
  return stopped ? [...points, { key: 'end', label: 'Where it stopped', seq: undefined }] : points
}

/** What runs again when a run goes back to after an event, in order, and what that part cost the last time; of the first
 *  of these steps only the rest, when the event is in the middle of it: what was finished before is not paid again. */
export interface Again {
  steps: Step[]
  cost: number
  rest: boolean
}

/** `seq` is the last event that is kept; without one, the run goes on where it stopped. */
export function againAfter(steps: readonly Step[], seq: number | undefined): Again {
  const again = steps.filter(({ state, seq: at }) =>
    seq === undefined
      ? state === 'running' || state === 'failed'
      : state !== 'superseded' && (at ?? Number.POSITIVE_INFINITY) > seq,
  )
  // A step begins with the event after the one that recorded the step before it.
  const before = Math.max(0, ...steps.flatMap(({ seq: at }) => (at !== undefined && at <= (seq ?? 0) ? [at] : [])))
  const rest = again.length > 0 && (seq === undefined || seq > before)
  return { steps: again, cost: again.reduce((sum, step) => sum + step.usage.cost_usd_micros, 0), rest }
}
