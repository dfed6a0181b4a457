import type {
  AuditPage,
  AuditVerdict,
  Breakdown,
  Frame,
  HitList,
  ModelList,
  NoticePage,
  Overview,
  ReadBody,
  Series,
  Summary,
  Version,
} from '../../src/api/generated/types.gen'
import type { Db } from '../db'
import { eventStream, type Routes } from '../http'

const base = '/api/v1'
const over = ['succeeded', 'needs_human', 'rejected', 'failed', 'canceled']

function models(): ModelList {
  const price = { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 }
  return {
    items: [
      {
        id: 'claude-sonnet-4-5',
        provider: 'anthropic',
        tier: 'standard',
        state: 'current',
        context: 200_000,
        max_output: 64_000,
        price,
        available: true,
      },
      {
        id: 'claude-haiku-4-5',
        provider: 'anthropic',
        tier: 'fast',
        state: 'current',
        context: 200_000,
        max_output: 64_000,
        price: { input: 1, output: 5, cache_read: 0.1 },
        available: true,
      },
      {
        id: 'claude-opus-4',
        provider: 'anthropic',
        tier: 'deep',
        state: 'deprecated',
        context: 200_000,
        max_output: 32_000,
        price: { input: 15, output: 75 },
        successor: 'claude-opus-4-5',
        available: false,
      },
    ],
  }
}

function series(range: string | null): Series {
  const days = { '7d': 7, '90d': 90 }[range ?? ''] ?? 30
  const items = Array.from({ length: days }, (_, i) => {
    const day = new Date(Date.now() - (days - 1 - i) * 86_400_000)
    const wave = 1 + Math.sin(i / 2.3)
    return {
      day: day.toISOString().slice(0, 10),
      cost_usd_micros: Math.round(2_400_000 * wave),
      tokens: Math.round(410_000 * wave),
      succeeded: Math.round(4 * wave),
      failed: i % 5 === 0 ? 2 : 0,
      partial: i === days - 1,
    }
  })
  return { items }
}

/** What stands around the work: home, metrics, audit, notices, models, search, and the stream. */
export function around(routes: Routes, db: () => Db): void {
  routes
    .on(`GET ${base}/version`, (): Version => ({ version: '0.1.0', api: 'v1' }))
    .on(`GET ${base}/overview`, (): Overview => {
      const running = db().tasks.filter(({ status }) => status === 'planning' || status === 'running')
      return {
        approvals: db().approvals,
        failed: db().tasks.filter(({ status }) => status === 'failed'),
        running,
        running_total: running.length,
        spent_today_usd_micros: db().tasks.reduce((sum, task) => sum + task.cost_usd_micros, 0),
        spent_month_usd_micros: 84_120_000,
        succeeded_week: db().tasks.filter(({ status }) => status === 'succeeded').length,
        failed_week: db().tasks.filter(({ status }) => status === 'failed').length,
        onboarding: {
          repository: db().repositories.length > 0,
          model: true,
          task: db().tasks.length > 0,
          team: db().users.length > 1,
        },
      }
    })
    .on(`GET ${base}/approvals`, () => ({ items: db().approvals }))
    .on(`GET ${base}/metrics/summary`, (): Summary => {
      const ended = db().attempts.filter(({ run }) => over.includes(run.status))
      return {
        cost_usd_micros: 84_120_000,
        tokens: 9_310_000,
        runs: db().attempts.length,
        succeeded: ended.filter(({ run }) => run.status === 'succeeded').length,
        failed: ended.filter(({ run }) => run.status === 'failed').length,
        canceled: 0,
        lead_time_ms: 612_000,
      }
    })
    .on(`GET ${base}/metrics/series`, ({ query }) => series(query.get('range')))
    .on(`GET ${base}/metrics/breakdown`, ({ query }): Breakdown => {
      const names = {
        model: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
        agent: ['coder', 'planner', 'reviewer', 'tester'],
        repository: db().repositories.map(({ name }) => name),
        failure: ['timeout'],
      }
      const by = (query.get('by') ?? 'model') as keyof typeof names
      return {
        items: names[by].map((label, i) => ({
          key: label,
          label,
          cost_usd_micros: Math.round(40_000_000 / (i + 1) ** 2),
          tokens: 100_000,
          runs: 20 - i * 4,
        })),
      }
    })
    .on(`GET ${base}/audit/verify`, (): AuditVerdict => ({ intact: true, last_seq: db().audit[0]?.seq }))
    .on(`GET ${base}/audit`, ({ query }): AuditPage => {
      const fits = db().audit.filter(
        ({ action, subject }) =>
          action.startsWith(query.get('action') ?? '') && subject.includes(query.get('subject') ?? ''),
      )
      const from = fits.findIndex(({ seq }) => String(seq) === query.get('cursor')) + 1
      const items = fits.slice(from, from + 20)
      const last = items.at(-1)
      return { items, ...(last && from + 20 < fits.length ? { next_cursor: String(last.seq) } : {}) }
    })
    .on(
      `GET ${base}/notifications`,
      (): NoticePage => ({ items: db().notices, unread: db().notices.filter(({ read }) => !read).length }),
    )
    .on(`POST ${base}/notifications/read`, async ({ json }) => {
      const { ids } = await json<ReadBody>()
      for (const notice of db().notices) if (!ids || ids.includes(notice.id)) notice.read = true
    })
    .on(`GET ${base}/models`, models)
    .on(`GET ${base}/search`, ({ query }): HitList => {
      const q = (query.get('q') ?? '').toLowerCase()
      const tasks = db().tasks.map(({ id, title, repository }) => ({
        kind: 'task' as const,
        id,
        title,
        subtitle: repository.name,
      }))
      const repositories = db().repositories.map(({ id, name }) => ({ kind: 'repository' as const, id, title: name }))
      return { items: [...tasks, ...repositories].filter(({ title }) => title.toLowerCase().includes(q)).slice(0, 8) }
    })
    .on(`GET ${base}/stream`, ({ query }) => {
      const topics = query.getAll('topics')
      let id = 0
      return eventStream((send) => {
        const listener = (frame: Frame) => {
          id += 1
          if (topics.includes(frame.topic)) send(String(id), frame)
        }
        db().listeners.add(listener)
        return () => db().listeners.delete(listener)
      })
    })
}
