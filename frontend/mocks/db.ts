/** Everything the mock knows. It forgets all of it when it ends. */

import type {
  AuditEntry,
  Checks,
  Frame,
  Invitation,
  Me,
  Notification,
  NotificationKind,
  PersonReview,
  PlanVersion,
  ProfileDetail,
  PullRequest,
  ReadinessPart,
  Repository,
  RepositorySecret,
  Run,
  RunAction,
  RunEvent,
  SavedView,
  Session,
  Status,
  Step,
  Task,
  Token,
  Usage,
  User,
  Webhook,
  WebhookDelivery,
} from '../src/api/generated/types.gen'
import type { Changed } from './contents'

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
  files: Changed[]
  checks: Checks
  /** What people have said about its changes. */
  reviews: PersonReview[]
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
  /** What people say of how work is done, by repository. */
  profiles: Map<string, Partial<Omit<ProfileDetail, 'discovered'>>>
  /** Names alone: not even the mock keeps what was set. */
  secrets: { repository: string; secret: RepositorySecret }[]
  /** Newest first. */
  pulls: PullRequest[]
  tasks: Task[]
  attempts: Attempt[]
  audit: AuditEntry[]
  /** Newest first. */
  notifications: Notification[]
  muted: NotificationKind[]
  webhooks: Webhook[]
  views: SavedView[]
  deliveries: Map<string, WebhookDelivery[]>
  /** Parts of the server that do not work. */
  down: ReadinessPart[]
  /** Whoever listens to the stream. */
  listeners: Set<(frame: Frame, run: string) => void>
}

export function taskOf(db: Db, id: string): Task | undefined {
  return db.tasks.find((task) => task.id === id)
}

export function attemptOf(db: Db, runId: string): Attempt | undefined {
  return db.attempts.find(({ run }) => run.id === runId)
}

/** Tells whoever listens what is about a run. */
function tell(db: Db, run: string, frame: Frame): void {
  for (const listener of db.listeners) listener(frame, run)
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
  const { id, task, status } = attempt.run
  tell(db, id, { type: 'run_event', event: full })
  // A run moves with every act.
  tell(db, id, { type: 'run_changed', task_id: task.id, run_id: id, status })
  return full
}

/** What somebody is told when a run comes to stand so. */
const worth: Partial<Record<Status, NotificationKind>> = {
  awaiting_plan: 'plan',
  awaiting_answer: 'question',
  awaiting_budget: 'budget',
  awaiting_delivery: 'delivery',
  succeeded: 'succeeded',
  needs_human: 'needs_human',
  failed: 'failed',
}

function notify(db: Db, { run }: Attempt): void {
  const kind = worth[run.status]
  if (!kind || db.muted.includes(kind)) return
  const notification: Notification = {
    id: newId('note'),
    kind,
    task: run.task,
    run_id: run.id,
    created_at: now(),
    ...(run.failure ? { detail: run.failure.reason } : {}),
  }
  db.notifications.unshift(notification)
  tell(db, run.id, { type: 'notification', notification })
}

const over: Status[] = ['succeeded', 'needs_human', 'rejected', 'failed', 'canceled']

const actions = (status: Status): RunAction[] =>
  over.includes(status) ? ['retry', 'fork'] : ['cancel', status === 'paused' ? 'resume' : 'pause', 'message', 'fork']

/** Moves a run, and its task with it. */
export function move(db: Db, attempt: Attempt, status: Status, change: Partial<Run> = {}): void {
  const { run } = attempt
  Object.assign(run, { status, since: now(), actions: actions(status) }, change)
  if (over.includes(status)) run.ended_at ??= now()
  else delete run.ended_at
  const task = taskOf(db, run.task.id)
  if (!task) return
  task.status = status
  task.needs_me = status.startsWith('awaiting_')
  task.updated_at = now()
  task.cost_usd_micros = db.attempts
    .filter((one) => one.run.task.id === task.id)
    .reduce((sum, one) => sum + one.run.usage.cost_usd_micros, 0)
  task.latest_run = {
    id: run.id,
    step: run.step,
    since: run.since,
    created_at: run.created_at,
    ended_at: run.ended_at,
    result: run.result,
    failure: run.failure,
    branch: run.branch,
    pull_request: run.pull_request,
  }
  tell(db, run.id, { type: 'run_changed', task_id: task.id, run_id: run.id, status })
  notify(db, attempt)
  if (over.includes(status)) tell(db, run.id, { type: 'end', status })
}
