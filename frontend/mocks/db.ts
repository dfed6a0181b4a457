/** Everything the mock knows. It forgets all of it when it ends. */

import type {
  Approval,
  AuditEntry,
  ChecksView,
  DiffEntry,
  Frame,
  Invitation,
  Me,
  Notice,
  PlanVersion,
  Repository,
  Review,
  Run,
  RunEvent,
  Session,
  Status,
  Step,
  Task,
  Token,
  Usage,
  User,
} from '../src/api/generated/types.gen'

let made = 0
const hex = (n: number) => n.toString(16).padStart(32, '0')

/** The same ids at every start, so that an address of yesterday still leads somewhere. */
export const newId = (prefix: string): string => {
  made += 1
  return `${prefix}_${hex(0x1000 + made)}`
}

export const now = (): string => new Date().toISOString()
export const before = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString()
export const noUsage = (): Usage => ({
  input_tokens: 0,
  output_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  cost_usd_micros: 0,
  possible_usd_micros: 0,
})

/** A run with all that hangs on it. */
export interface Attempt {
  run: Run
  steps: Step[]
  events: RunEvent[]
  plans: PlanVersion[]
  files: (DiffEntry & { patch: string })[]
  checks: ChecksView
  reviews: Review[]
}

export interface Db {
  needsSetup: boolean
  signedIn: boolean
  me: Me
  users: User[]
  invitations: Invitation[]
  sessions: Session[]
  tokens: Token[]
  repositories: Repository[]
  tasks: Task[]
  attempts: Attempt[]
  approvals: Approval[]
  notices: Notice[]
  audit: AuditEntry[]
  /** Whoever listens to the stream. */
  listeners: Set<(frame: Frame) => void>
}

export function taskOf(db: Db, id: string): Task | undefined {
  return db.tasks.find((task) => task.id === id)
}

export function attemptOf(db: Db, runId: string): Attempt | undefined {
  return db.attempts.find(({ run }) => run.id === runId)
}

export function tell(db: Db, frame: Frame): void {
  for (const listener of db.listeners) listener(frame)
}

/** Writes an event down and tells whoever listens. */
export function happen(
  db: Db,
  attempt: Attempt,
  event: Omit<RunEvent, 'seq' | 'run_id' | 'at' | 'truncated'> & { at?: string },
): RunEvent {
  const seq = (attempt.events.at(-1)?.seq ?? 0) + 1
  const full: RunEvent = { at: now(), truncated: false, ...event, seq, run_id: attempt.run.id }
  attempt.events.push(full)
  tell(db, { type: 'run_event', topic: `run:${attempt.run.id}`, event: full })
  return full
}

const over: Status[] = ['succeeded', 'needs_human', 'rejected', 'failed', 'canceled']

/** Moves a run, and its task with it. */
export function move(db: Db, attempt: Attempt, status: Status, change: Partial<Run> = {}): void {
  const { run } = attempt
  Object.assign(run, { status }, change)
  if (over.includes(status)) run.ended_at ??= now()
  else delete run.ended_at
  const task = taskOf(db, run.task_id)
  if (!task) return
  task.status = status
  task.needs_me = status.startsWith('awaiting_')
  task.updated_at = now()
  task.cost_usd_micros = db.attempts
    .filter((one) => one.run.task_id === task.id)
    .reduce((sum, one) => sum + one.run.usage.cost_usd_micros, 0)
  task.latest_run = {
    id: run.id,
    step: run.step,
    since: now(),
    created_at: run.created_at,
    ended_at: run.ended_at,
    result: run.result,
    failure: run.failure,
    branch: run.branch,
  }
  db.approvals = db.approvals.filter(({ run_id }) => run_id !== run.id)
  const kinds = {
    awaiting_plan: 'plan',
    awaiting_answer: 'question',
    awaiting_budget: 'budget',
    awaiting_delivery: 'delivery',
  } as const
  if (status in kinds)
    db.approvals.push({
      id: `approval_${run.id.slice(4)}`,
      kind: kinds[status as keyof typeof kinds],
      run_id: run.id,
      task_id: task.id,
      task_title: task.title,
      repository: task.repository,
      waiting_since: now(),
      version: attempt.plans.at(-1)?.version,
      question: run.question,
      spent_usd_micros: run.usage.cost_usd_micros,
    })
  tell(db, { type: 'task_changed', topic: 'tasks', task_id: task.id, run_id: run.id, status })
}
