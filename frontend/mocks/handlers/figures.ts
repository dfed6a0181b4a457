import type {
  MetricsBreakdown,
  MetricsBucket,
  MetricsSeries,
  MetricsSummary,
  Model,
  ModelList,
  Overview,
  RunFigures,
  Spending,
} from '../../src/api/generated/types.gen'
import { dayBefore } from '../../src/lib/zones'
import type { Db } from '../db'
import type { Routes } from '../http'

const base = '/api/v1'
const HOUR = 3_600_000

/** The same number for the same hour, with nights and weekends in it. */
function busy(hour: number): number {
  const at = new Date(hour * HOUR)
  const day = at.getUTCDay() % 6 === 0 ? 0.15 : 1
  const time = Math.max(0, Math.sin(((at.getUTCHours() - 6) / 14) * Math.PI))
  return day * time * (0.4 + ((hour * 2654435761) % 1000) / 900)
}

const spending = (amount: number): Spending => ({
  calls: Math.round(amount * 14),
  input_tokens: Math.round(amount * 52_000),
  output_tokens: Math.round(amount * 9_000),
  cache_read_tokens: Math.round(amount * 310_000),
  cache_write_tokens: Math.round(amount * 24_000),
  cost_usd_micros: Math.round(amount * 430_000),
})

function went(amount: number): RunFigures {
  const started = Math.round(amount * 1.3)
  const failed = Math.round(started * 0.09)
  const canceled = Math.round(started * 0.05)
  const needs_human = Math.round(started * 0.06)
  const succeeded = started - failed - canceled - needs_human
  const ended = started - canceled
  return {
    started,
    succeeded,
    needs_human,
    rejected: 0,
    failed,
    canceled,
    open: 0,
    ...(ended > 0 ? { success_rate: succeeded / ended, median_lead_seconds: 1140 + (started % 7) * 60 } : {}),
  }
}

const amount = (from: number, to: number): number => {
  let sum = 0
  for (let hour = Math.floor(from / HOUR); hour * HOUR < to; hour++) sum += busy(hour)
  return sum
}

function period(query: URLSearchParams) {
  const to = Date.parse(query.get('to') ?? '') || Date.now()
  const from = Date.parse(query.get('from') ?? '') || to - 30 * 24 * HOUR
  // Of one repository it is a part.
  return { from, to, part: query.get('repository_id') ? 0.4 : 1 }
}

function buckets(query: URLSearchParams): MetricsBucket[] {
  const { from, to, part } = period(query)
  const zone = query.get('time_zone') ?? 'UTC'
  const kind = query.get('bucket') ?? 'day'
  const next = (start: number) => {
    if (kind === 'hour') return start + HOUR
    const days = kind === 'day' ? 1 : 7
    return dayBefore(start + days * 24 * HOUR + 2 * HOUR, 0, zone).getTime()
  }
  const items: MetricsBucket[] = []
  for (let start = from; start < to; start = next(start)) {
    const end = next(start)
    const sum = amount(start, Math.min(end, to)) * part
    items.push({
      start: new Date(start).toISOString(),
      end: new Date(end).toISOString(),
      partial: end > to,
      usage: spending(sum),
      runs: went(sum),
    })
  }
  return items
}

const shares: Record<string, [string, string, number][]> = {
  model: [
    ['claude-sonnet-5-5', 'claude-sonnet-5-5', 0.68],
    ['claude-opus-5-5', 'claude-opus-5-5', 0.27],
    ['claude-haiku-5-5', 'claude-haiku-5-5', 0.05],
  ],
  role: [
    ['coder', 'coder', 0.61],
    ['reviewer', 'reviewer', 0.19],
    ['planner', 'planner', 0.15],
    ['tester', 'tester', 0.05],
  ],
  status: [
    ['succeeded', 'succeeded', 0.78],
    ['failed', 'failed', 0.1],
    ['needs_human', 'needs_human', 0.07],
    ['canceled', 'canceled', 0.05],
  ],
}

const price = (over: number, input: number, version = '2026-10-07') => ({
  prompt_tokens_over: over,
  input,
  output: input * 5,
  cache_read: input / 10,
  cache_write: input * 1.25,
  version,
})

const models: Model[] = [
  {
    id: 'claude-sonnet-5-5',
    aliases: [],
    provider: 'anthropic',
    tier: 'standard',
    context: 1_000_000,
    max_output: 128_000,
    state: 'current',
    prices: [price(0, 2_000_000)],
    available: true,
    default_of: ['coder', 'planner', 'tester'],
  },
  {
    id: 'claude-opus-5-5',
    aliases: [],
    provider: 'anthropic',
    tier: 'deep',
    context: 1_000_000,
    max_output: 128_000,
    state: 'current',
    prices: [price(0, 4_000_000)],
    available: true,
    default_of: ['reviewer'],
  },
  {
    id: 'claude-haiku-5-5',
    aliases: [],
    provider: 'anthropic',
    tier: 'fast',
    context: 1_000_000,
    max_output: 128_000,
    state: 'current',
    prices: [price(0, 100_000), price(100_000, 500_000)],
    available: true,
    default_of: [],
  },
  {
    id: 'claude-sonnet-4-5-20250929',
    aliases: ['claude-sonnet-4-5'],
    provider: 'anthropic',
    tier: 'standard',
    context: 200_000,
    max_output: 64_000,
    state: 'deprecated',
    retires: '2026-11-30',
    successor: 'claude-sonnet-5-5',
    prices: [price(0, 3_000_000)],
    available: true,
    default_of: [],
  },
  {
    id: 'some-local-model',
    aliases: [],
    provider: 'openai-compatible',
    tier: 'fast',
    context: 128_000,
    max_output: 16_000,
    state: 'current',
    prices: [],
    available: false,
    missing: 'OPENAI_API_KEY is not set',
    default_of: [],
  },
]

function overview(db: Db, zone: string): Overview {
  const runs = db.attempts.map(({ run }) => run).filter(({ attempt_of }) => !attempt_of)
  const newest = new Map(runs.map((run) => [run.task.id, run.id]))
  const waiting = runs
    .filter(({ status }) => status.startsWith('awaiting_'))
    .sort((a, b) => (a.since ?? '').localeCompare(b.since ?? ''))
  const failed = runs.filter(({ id, status, task }) => status === 'failed' && newest.get(task.id) === id)
  const running = runs.filter(({ status }) => ['queued', 'planning', 'running'].includes(status)).reverse()
  const of = (status: string) => waiting.filter((run) => run.status === status).length
  const cost = (days: number) =>
    spending(amount(dayBefore(Date.now(), days, zone).getTime(), Date.now())).cost_usd_micros
  const spends = db.tasks.length > 0
  return {
    needs_me: {
      plans: of('awaiting_plan'),
      questions: of('awaiting_answer'),
      deliveries: of('awaiting_delivery'),
      budgets: of('awaiting_budget'),
      failed: failed.length,
      total: waiting.length + failed.length,
    },
    waiting: waiting.slice(0, 10),
    failed: failed.slice(0, 10),
    running: running.slice(0, 10),
    running_total: running.length,
    spent_today_usd_micros: spends ? cost(0) : 0,
    spent_week_usd_micros: spends ? cost((new Date().getDay() + 6) % 7) : 0,
    onboarding: {
      repository: db.repositories.length > 0,
      model_key: true,
      task: db.tasks.length > 0,
      invite: db.users.length + db.invitations.length > 1,
    },
  }
}

/** Cost, tokens, how runs went; models and the first page. */
export function figures(routes: Routes, db: () => Db): void {
  routes
    .on(`GET ${base}/overview`, ({ query }): Overview => overview(db(), query.get('time_zone') ?? 'UTC'))
    .on(`GET ${base}/models`, (): ModelList => ({ items: models }))
    .on(`GET ${base}/metrics/summary`, ({ query }): MetricsSummary => {
      const { from, to, part } = period(query)
      const now = amount(from, to) * part
      const before = amount(from - (to - from), from) * part * 0.86
      return {
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        usage: spending(now),
        runs: went(now),
        usage_before: spending(before),
        runs_before: went(before),
      }
    })
    .on(`GET ${base}/metrics/series`, ({ query }): MetricsSeries => ({ items: buckets(query) }))
    .on(`GET ${base}/metrics/breakdown`, ({ query }): MetricsBreakdown => {
      const { from, to, part } = period(query)
      const by = query.get('by') ?? 'model'
      const all = amount(from, to) * part
      const named = (many: { id: string; name: string }[]): [string, string, number][] =>
        many.map(({ id, name }, i) => [id, name, 0.6 ** (i + 1)])
      const rows = shares[by] ?? named(by === 'user' ? db().users : db().repositories.filter(({ tasks }) => tasks > 0))
      return {
        items: rows.map(([key, label, share]) => ({
          key,
          label,
          ...(by === 'status' ? {} : { usage: spending(all * share) }),
          runs: went(all * share),
        })),
      }
    })
}
