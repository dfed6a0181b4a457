/** What the mock begins with: an installation some days old, with a task in every state that matters. */

import type { Me, Repository, Run, Status, Task, Webhook } from '../src/api/generated/types.gen'
import { evidence, files, plan, redEvidence, verdict } from './contents'
import { type Attempt, before, type Db, happen, move, newId, noUsage } from './db'
import { entries } from './entries'
import { offer } from './handlers/forge'
import { sent } from './handlers/told'
import { revise } from './kept'
import { finish, turn, type Use } from './story'

const me: Me = {
  id: newId('user'),
  email: 'ada@example.org',
  name: 'Ada Lovelace',
  role: 'admin',
  created_at: before(86_400 * 9),
  permissions: ['own', 'manage_own', 'read', 'work', 'audit', 'people', 'operate'],
}

export function emptyDb(): Db {
  return {
    needsSetup: false,
    signedIn: true,
    me: { ...me },
    users: [{ id: me.id, name: me.name, email: me.email, role: 'admin', created_at: me.created_at }],
    invitations: [],
    sessions: [],
    tokens: [],
    repositories: [],
    profiles: new Map(),
    secrets: [],
    pulls: [],
    tasks: [],
    attempts: [],
    audit: [],
    notifications: [],
    muted: [],
    webhooks: [],
    views: [],
    deliveries: new Map(),
    down: [],
    listeners: new Set(),
  }
}

export function newRepository(db: Db, name: string, url: string, more: Partial<Repository> = {}): Repository {
  const repository: Repository = {
    id: newId('repo'),
    name,
    forge: url.includes('github') ? 'github' : 'git',
    url,
    default_branch: 'main',
    visibility: 'team',
    owner: { id: db.me.id, name: db.me.name },
    profile: {},
    tasks: 0,
    head_commit: '8c1f0a9b2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f70',
    synced_at: before(300),
    created_at: before(86_400 * 8),
    updated_at: before(86_400),
    ...more,
  }
  db.repositories.unshift(repository)
  return repository
}

export function newTask(db: Db, repository: Repository, title: string, age: number, more: Partial<Task> = {}): Task {
  const task: Task = {
    id: newId('task'),
    title,
    description:
      'Negative prices come out a cent too high.\n\n- `rounded(-1.235)` gives `-1.23`\n- it should give `-1.24`\n\nCallers must not change.',
    repository: { id: repository.id, name: repository.name },
    base_branch: repository.default_branch,
    created_by: { id: db.me.id, name: db.me.name },
    created_at: before(age),
    updated_at: before(age),
    status: 'new',
    needs_me: false,
    depends_on: [],
    options: {
      mode: 'full',
      approve_plan: true,
      approve_delivery: false,
      models: {},
      test_rounds: 3,
      review_rounds: 2,
      network: false,
      attempts: 1,
      deliver: 'branch',
    },
    budget_usd_micros: 10_000_000,
    cost_usd_micros: 0,
    attempts: 0,
    ...more,
  }
  repository.tasks += 1
  db.tasks.unshift(task)
  return task
}

export function newAttempt(db: Db, task: Task, age = 0): Attempt {
  task.attempts += 1
  const run: Run = {
    id: newId('run'),
    task: { id: task.id, title: task.title },
    repository: task.repository,
    status: 'queued',
    actions: [],
    created_at: before(age),
    epoch: 1,
    pause_requested: false,
    budget_usd_micros: task.budget_usd_micros,
    reserved_usd_micros: 0,
    usage: noUsage(),
  }
  const attempt: Attempt = {
    run,
    steps: [],
    events: [],
    plans: [],
    files: [],
    checks: { evidence: [], verdicts: [] },
    reviews: [],
  }
  db.attempts.push(attempt)
  return attempt
}

const acts: { said: string; use: Use }[] = [
  {
    said: 'I run the tests to see it fail.',
    use: {
      tool: 'bash',
      arguments: { command: 'python -m pytest -q' },
      title: '$ python -m pytest -q',
      output: '1 failed, 13 passed in 0.42s',
      bad: true,
    },
  },
  {
    said: 'I look at how prices are rounded.',
    use: {
      tool: 'read_file',
      arguments: { path: 'inventory/prices.py' },
      title: 'Reads inventory/prices.py',
      output: 'def rounded(value):\n    return int(value * 100) / 100',
    },
  },
  {
    said: 'Now I mend `rounded`, in one place:\n\n```python\ncents = floor(abs(value) * 100 + 0.5)\n```',
    use: {
      tool: 'edit_file',
      arguments: { path: 'inventory/prices.py' },
      title: 'Edits inventory/prices.py',
      output: 'Edited.',
    },
  },
]

/** A run as it would have gone, told at once: `turns` of the coder, up to some state. */
function past(db: Db, task: Task, status: Status, age: number, turns: number): Attempt {
  const attempt = newAttempt(db, task, age)
  let at = age
  const step = (
    name: 'plan' | 'code' | 'test' | 'review' | 'publish',
    result: string | undefined,
    seconds: number,
    many: number,
    bad = false,
  ) => {
    const agents = { plan: 'planner', code: 'coder', test: 'tester', review: 'reviewer', publish: '' }
    const one: Attempt['steps'][number] = {
      step_no: attempt.steps.length + 1,
      attempt: 1,
      name,
      state: 'running',
      started_at: before(at),
      usage: noUsage(),
      agent_runs: agents[name]
        ? [
            {
              id: newId('agent'),
              agent: agents[name],
              model: 'claude-sonnet-4-5',
              state: 'running',
              turns: 0,
              started_at: before(at - 1),
              usage: noUsage(),
            },
          ]
        : [],
    }
    attempt.steps.push(one)
    for (let i = 0; i < many; i++)
      turn(db, attempt, one, acts[i % 3]?.said ?? '', acts[i % 3]?.use, before(at - (seconds * (i + 1)) / (many + 1)))
    at -= seconds
    if (result) finish(db, attempt, one, result, before(at), bad)
  }
  const done = status === 'succeeded'
  step('plan', status === 'planning' ? undefined : 'planned', 40, 3)
  if (status !== 'planning')
    attempt.plans.push({
      version: 1,
      created_at: before(at),
      plan,
      ...(status === 'awaiting_plan'
        ? {}
        : { decision: { decision: 'approve', by: { id: db.me.id, name: db.me.name }, at: before(at) } }),
    })
  if (status !== 'planning' && status !== 'awaiting_plan') {
    happen(db, attempt, {
      at: before(at),
      step_no: 1,
      type: 'decision',
      phase: 'finished',
      name: 'signal.received',
      title: 'Plan: approve',
      data: { payload: { decision: 'approve' } },
    })
    step(
      'code',
      status === 'running' ? undefined : status === 'failed' ? 'timeout' : 'done',
      status === 'running' ? 60 : 180,
      turns,
      status === 'failed',
    )
    attempt.files = files()
  }
  if (done || status === 'awaiting_delivery' || status === 'needs_human') {
    step('test', 'failing', 30, 0)
    attempt.checks.evidence.push(redEvidence(attempt.events.length))
    step('code', 'done', 90, 3)
    step('test', 'green', 30, 0)
    attempt.checks.evidence.push(evidence(attempt.events.length, 2))
    step('review', 'approve', 25, 2)
    attempt.checks.verdicts.push(verdict(attempt.events.length, 1))
  }
  if (done || status === 'awaiting_delivery')
    attempt.reviews.push({
      id: newId('review'),
      by: { id: db.users.at(1)?.id ?? db.me.id, name: db.users.at(1)?.name ?? db.me.name },
      created_at: before(at + 90),
      sent_as: 'message',
      text: 'Right in principle. Two things before I would let it through.',
      comments: [
        {
          path: 'inventory/prices.py',
          side: 'new',
          start_line: 8,
          line: 8,
          code: '    cents = floor(abs(value) * 100 + 0.5)',
          text: 'Say in a comment why half goes away from zero.',
        },
        {
          path: 'inventory/prices.py',
          side: 'new',
          start_line: 9,
          line: 9,
          code: '    return -cents / 100 if value < 0 else cents / 100',
          text: 'There is a function for that in `math`.',
        },
      ],
    })
  if (done) step('publish', 'published', 6, 0)
  const change = {
    since: before(Math.max(3, at)),
    ...(done
      ? { result: 'published' as const, branch: 'codegraph/fix-rounding', commit: '4f2a9c1d7e' }
      : { step: attempt.steps.at(-1)?.name }),
    ...(status === 'failed'
      ? { failure: { reason: 'The coder took longer than four hours three times.', step: 'code' } }
      : {}),
    ...(status === 'awaiting_answer'
      ? {
          question: {
            text: 'Should stored totals be rounded **again**, or stay as they are?',
            options: ['Leave them', 'Round them again'],
          },
        }
      : {}),
    ...(done || status === 'failed' ? { ended_at: before(at) } : {}),
  }
  move(db, attempt, status, change)
  task.updated_at = before(Math.max(3, at))
  return attempt
}

/** An installation at work. `long` is how many turns the longest run has. */
export function seed(long = 120): Db {
  const db = emptyDb()
  db.users.push(
    {
      id: newId('user'),
      name: 'Grace Hopper',
      email: 'grace@example.org',
      role: 'maintainer',
      created_at: before(86_400 * 7),
    },
    {
      id: newId('user'),
      name: 'Linus Pauling',
      email: 'linus@example.org',
      role: 'member',
      created_at: before(86_400 * 5),
      deactivated_at: before(86_400),
    },
  )
  db.invitations.push({
    id: newId('invite'),
    email: 'alan@example.org',
    role: 'member',
    created_at: before(3600),
    expires_at: before(-86_400 * 6),
  })
  db.sessions.push(
    {
      id: newId('session'),
      current: true,
      user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0',
      address: '127.0.0.1',
      created_at: before(3600),
      last_used_at: before(20),
      expires_at: before(-86_400 * 7),
    },
    {
      id: newId('session'),
      current: false,
      user_agent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Firefox/142.0',
      address: '10.0.0.7',
      created_at: before(86_400 * 3),
      last_used_at: before(86_400),
      expires_at: before(-86_400 * 6),
    },
  )
  db.tokens.push({
    id: newId('token'),
    name: 'CI',
    hint: 'cg_4fa1',
    scope: 'write',
    created_at: before(86_400 * 4),
    last_used_at: before(7200),
  })
  const shop = newRepository(db, 'shop/inventory', 'https://github.com/shop/inventory.git')
  db.profiles.set(shop.id, {
    instructions:
      'Prices are `Decimal` at the edges and cents inside.\n\nDo not touch `migrations/`: it is written by a tool.',
    setup_command: 'pip install -e .[test]',
    network_hosts: ['pypi.org', '*.pythonhosted.org'],
    minutes: 90,
    limits: { coder: { turns: 200 } },
  })
  const site = newRepository(db, 'shop/site', 'https://github.com/shop/site.git')
  newRepository(db, 'tools/old-scripts', 'https://git.example.org/tools/old-scripts.git', {
    sync_error: 'The server did not answer within 15 seconds.',
    visibility: 'private',
  })
  past(db, newTask(db, shop, 'Move the warehouse to one table', 86_400 * 4), 'awaiting_budget', 86_400 * 4, 5)
  past(db, newTask(db, site, 'Draw the chart on the server', 86_400 * 4), 'needs_human', 86_400 * 4, 4)
  past(db, newTask(db, site, 'Shorten the texts for phones', 86_400 * 4), 'paused', 86_400 * 4, 4)
  past(db, newTask(db, site, 'Raise the framework to its next version', 86_400 * 2), 'failed', 86_400 * 2, 4)
  const fixed = past(db, newTask(db, shop, 'Fix the rounding of negative prices', 86_400), 'succeeded', 7200, 9)
  revise(fixed)
  fixed.run.usage.possible_usd_micros = 41_000
  const older = past(
    db,
    newTask(db, shop, 'Count what is reserved as not in stock', 86_400 * 3),
    'succeeded',
    86_400 * 3,
    3,
  )
  const shaky = past(
    db,
    newTask(db, site, 'Load the search box when it is needed', 86_400 * 2),
    'succeeded',
    86_400 * 2,
    3,
  )
  past(db, newTask(db, site, 'Compress the pictures of products', 86_400), 'succeeded', 86_400, 3)
  offer(db, older.run, {
    state: 'merged',
    checks: 'success',
    checks_total: 4,
    created_at: before(86_400 * 3),
    merged_at: before(86_400 * 2),
    closed_at: before(86_400 * 2),
    synced_at: before(86_400),
  })
  offer(db, shaky.run, {
    draft: true,
    title: '[needs human] Load the search box when it is needed',
    checks: 'failure',
    checks_total: 4,
    checks_failed: 1,
    review: 'changes_requested',
    mergeable: false,
    created_at: before(86_400 * 2),
    synced_at: before(5400),
  })
  offer(db, fixed.run, {
    checks: 'pending',
    checks_total: 4,
    review: 'review_required',
    created_at: before(7100),
    synced_at: before(1800),
  })
  db.secrets.push({
    repository: shop.id,
    secret: {
      name: 'GITHUB_TOKEN',
      created_at: before(86_400 * 8),
      updated_at: before(86_400 * 2),
      updated_by: { id: me.id, name: me.name },
    },
  })
  past(db, newTask(db, shop, 'Make the import of catalogues ten times faster', 5400), 'awaiting_answer', 5400, 6)
  past(db, newTask(db, site, 'Show stock on the product page', 1500), 'awaiting_delivery', 1500, 7)
  past(db, newTask(db, shop, 'Add an endpoint that lists what is out of stock', 600), 'awaiting_plan', 600, 0)
  const running = newTask(db, shop, 'Keep the history of prices for two years', 240)
  const first = past(db, running, 'failed', 86_400, 3)
  const fork = past(db, running, 'running', 240, long)
  Object.assign(fork.run, { fork_of: first.run.id, fork_seq: 14 })
  past(db, newTask(db, site, 'Say in the footer which version is running', 60), 'planning', 60, 0)
  const several = newTask(db, shop, 'Find out why the nightly import is slow', 900)
  several.options.attempts = 3
  const whole = past(db, several, 'running', 900, 2)
  whole.run.attempts = ([['succeeded', 'candidate'], ['failed'], ['running']] as const).map(([status, result], i) => {
    const { run } = past(db, several, status, 700 - i * 60, 5)
    several.attempts -= 1
    Object.assign(run, { attempt_of: whole.run.id, budget_usd_micros: 3_300_000 })
    if (result) Object.assign(run, { result, branch: undefined })
    return {
      number: i + 1,
      run_id: run.id,
      status,
      cost_usd_micros: run.usage.cost_usd_micros,
      ...(run.result ? { result: run.result } : {}),
      ...(run.failure ? { failure: run.failure } : {}),
    }
  })
  move(db, whole, 'running')
  const after = newTask(db, shop, 'Drop the old import when the new one is fast', 300)
  after.depends_on = [
    { task_id: several.id, status: 'running', succeeded: false },
    { task_id: fixed.run.task.id, status: 'succeeded', succeeded: true },
  ]
  move(db, newAttempt(db, after, 300), 'waiting_for_tasks')
  const queued = newTask(db, site, 'Replace the old date picker', 20)
  move(db, newAttempt(db, queued, 20), 'queued')
  // What was told while nobody looked; some of it was read.
  for (const [i, one] of db.notifications.entries()) {
    one.created_at = before(600 + i * 5400)
    if (i > 2) one.read_at = before(300)
  }
  const hook: Webhook = {
    id: newId('webhook'),
    owner_id: db.me.id,
    url: 'https://ci.example.org/hooks/codegraph',
    kinds: ['delivery', 'succeeded', 'failed'],
    everyone: true,
    active: true,
    failures: 0,
    created_at: before(86_400 * 3),
  }
  db.webhooks.push(hook, {
    ...hook,
    id: newId('webhook'),
    url: 'https://chat.example.org/incoming/7f3a',
    kinds: ['plan', 'question', 'budget', 'delivery', 'succeeded', 'needs_human', 'failed'],
    everyone: false,
    active: false,
    failures: 30,
    disabled_reason: 'It was switched off after 30 failures in a row; the last was: connection refused.',
  })
  db.deliveries.set(
    hook.id,
    sent(['succeeded', 'failed', 'delivery'], fork.run.id, (i) => before(900 + i * 4000)),
  )
  db.audit = entries(db)
  return db
}
