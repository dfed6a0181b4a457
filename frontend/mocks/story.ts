/** How a run goes in the mock: the same few acts, at the pace at which somebody watches or all at once. */

import type { PlanVersion, Step } from '../src/api/generated/types.gen'
import { evidence, files, plan, verdict } from './contents'
import { type Attempt, type Db, happen, move, newId, noUsage, now } from './db'

type StepName = 'plan' | 'code' | 'test' | 'review' | 'publish'
const agents: Record<StepName, string> = {
  plan: 'planner',
  code: 'coder',
  test: 'tester',
  review: 'reviewer',
  publish: 'publisher',
}

/** When something happens: at once, or later. Tests set it to at once. */
export interface Pace {
  beat: number
}

const timers = new Set<ReturnType<typeof setTimeout>>()

/** Ends everything that was still to come. */
export function stopStories(): void {
  for (const timer of timers) clearTimeout(timer)
  timers.clear()
}

function later(ms: number, run: () => void): void {
  const timer = setTimeout(() => {
    timers.delete(timer)
    run()
  }, ms)
  timers.add(timer)
}

/** A step begins. */
function begin(attempt: Attempt, name: StepName, at = now()): Step {
  const step: Step = {
    step_no: attempt.steps.length + 1,
    attempt: 1,
    name,
    state: 'running',
    started_at: at,
    usage: noUsage(),
    agent_runs:
      name === 'publish'
        ? []
        : [
            {
              id: newId('agent'),
              agent: agents[name],
              model: 'claude-sonnet-4-5',
              state: 'running',
              turns: 0,
              started_at: at,
              usage: noUsage(),
            },
          ],
  }
  attempt.steps.push(step)
  return step
}

export function finish(db: Db, attempt: Attempt, step: Step, result: string, at = now(), bad = false): void {
  step.state = 'done'
  step.ended_at = at
  step.result = result
  for (const agent of step.agent_runs) Object.assign(agent, { state: bad ? 'failed' : 'succeeded', ended_at: at })
  const event = happen(db, attempt, {
    at,
    step_no: step.step_no,
    type: 'step',
    phase: bad ? 'failed' : 'finished',
    name: 'step',
    title: `${step.name}: ${result.replaceAll('_', ' ')}`,
    data: {
      step: step.name,
      result,
      duration_ms: Date.parse(at) - Date.parse(step.started_at),
      cost_usd_micros: step.usage.cost_usd_micros,
    },
  })
  step.seq = event.seq
}

/** A tool that is used, and what comes of it. */
export interface Use {
  tool: string
  arguments: Record<string, string>
  title: string
  output: string
  bad?: boolean
}

/** One turn of an agent: what it says and which tool it uses. */
export function turn(db: Db, attempt: Attempt, step: Step, said: string, use?: Use, at = now()): void {
  const agent = step.agent_runs[0]
  if (!agent) return
  agent.turns += 1
  const cost = 18_000 + agent.turns * 1500
  for (const usage of [agent.usage, step.usage, attempt.run.usage]) {
    usage.cost_usd_micros += cost
    usage.input_tokens += 4200
    usage.output_tokens += 310
    usage.cache_read_tokens += 3600
  }
  const base = { at, step_no: step.step_no, agent: agent.agent, turn: agent.turns }
  happen(db, attempt, {
    ...base,
    type: 'model_call',
    phase: 'started',
    name: 'activity.started',
    title: 'Asks the model',
    data: {},
  })
  happen(db, attempt, {
    ...base,
    type: 'model_call',
    phase: 'finished',
    name: 'activity.finished',
    title: said.split('\n')[0] ?? '',
    data: { text: said, cost_usd_micros: cost },
  })
  if (!use) return
  const call_id = newId('tool')
  const data = { tool: use.tool, arguments: use.arguments, call_id }
  happen(db, attempt, {
    ...base,
    type: 'tool_call',
    phase: 'started',
    name: 'activity.started',
    title: use.title,
    data,
  })
  happen(db, attempt, {
    ...base,
    type: 'tool_call',
    phase: use.bad ? 'failed' : 'finished',
    name: 'activity.finished',
    title: use.title,
    data: { ...data, output: use.output, duration_ms: 640 },
  })
}

export function propose(attempt: Attempt, summary = plan.summary): PlanVersion {
  const version: PlanVersion = {
    version: attempt.plans.length + 1,
    created_at: now(),
    plan: { ...plan, summary },
  }
  attempt.plans.push(version)
  return version
}

const reading = {
  tool: 'read_file',
  arguments: { path: 'inventory/prices.py' },
  title: 'Reads inventory/prices.py',
  output: 'def rounded(value):\n    return int(value * 100) / 100',
}
const testing = {
  tool: 'bash',
  arguments: { command: 'python -m pytest -q' },
  title: '$ python -m pytest -q',
  output: '1 failed, 13 passed in 0.42s\nE       assert -1.23 == -1.24',
  bad: true,
}
const editing = {
  tool: 'edit_file',
  arguments: {
    path: 'inventory/prices.py',
    old_string: 'int(value * 100) / 100',
    new_string: 'floor(value * 100 + 0.5) / 100',
  },
  title: 'Edits inventory/prices.py',
  output: 'Edited.',
}

/** The planner at work. */
export function planning(db: Db, attempt: Attempt, { beat }: Pace, summary?: string): void {
  const step = begin(attempt, 'plan')
  move(db, attempt, 'planning', { step: 'plan' })
  later(beat, () => turn(db, attempt, step, 'I look at how prices are rounded first.', reading))
  later(beat * 2, () => {
    turn(db, attempt, step, 'The rounding cuts towards zero; that is the bug.')
    finish(db, attempt, step, 'planned')
    propose(attempt, summary)
    if (!db.tasks.find(({ id }) => id === attempt.run.task.id)?.options.approve_plan)
      return coding(db, attempt, { beat })
    happen(db, attempt, {
      step_no: step.step_no,
      type: 'status',
      name: 'run.waiting',
      title: 'run waiting: plan_decided',
      data: {},
    })
    move(db, attempt, 'awaiting_plan')
  })
}

/** The coder, the tests, the reviewer, and the delivery. */
export function coding(db: Db, attempt: Attempt, { beat }: Pace): void {
  const code = begin(attempt, 'code')
  move(db, attempt, 'running', { step: 'code' })
  later(beat, () => turn(db, attempt, code, 'I run the tests to see it fail.', testing))
  later(beat * 2, () => turn(db, attempt, code, 'Now I mend `rounded`.', editing))
  later(beat * 4, () => {
    finish(db, attempt, code, 'done')
    attempt.files = files()
    const test = begin(attempt, 'test')
    move(db, attempt, 'running', { step: 'test' })
    later(beat, () => {
      attempt.checks.evidence.push(evidence(attempt.events.length, attempt.checks.evidence.length + 1))
      finish(db, attempt, test, 'green')
      reviewing(db, attempt, { beat })
    })
  })
}

function reviewing(db: Db, attempt: Attempt, { beat }: Pace): void {
  const step = begin(attempt, 'review')
  move(db, attempt, 'running', { step: 'review' })
  later(beat, () => {
    turn(db, attempt, step, 'The change does what the plan says, and the tests show it.')
    attempt.checks.verdicts.push(verdict(attempt.events.length, attempt.checks.verdicts.length + 1))
    finish(db, attempt, step, 'approve')
    const publish = begin(attempt, 'publish')
    move(db, attempt, 'running', { step: 'publish' })
    later(beat, () => {
      finish(db, attempt, publish, 'published')
      happen(db, attempt, {
        step_no: publish.step_no,
        type: 'status',
        name: 'run.succeeded',
        title: 'run succeeded',
        data: {},
      })
      move(db, attempt, 'succeeded', { result: 'published', branch: 'codegraph/fix-rounding', commit: '4f2a9c1d7e' })
    })
  })
}
