import type {
  AgentRun,
  AgentRunDetail,
  DeadJobPage,
  DeadJobRetry,
  ModelCallPage,
  Operations,
  ToolCallPage,
  Transcript,
} from '../../src/api/generated/types.gen'
import { type Attempt, before, type Db } from '../db'
import { Refusal, type Routes } from '../http'

const base = '/api/v1'

function theAgent(db: Db, id: string | undefined): { attempt: Attempt; agent: AgentRun; step: number } {
  for (const attempt of db.attempts)
    for (const step of attempt.steps) {
      const agent = step.agent_runs.find((one) => one.id === id)
      if (agent) return { attempt, agent, step: step.step_no }
    }
  throw new Refusal(404, 'Not Found', { detail: 'there is no such agent run' })
}

const field = (data: unknown, name: string) => (data as Record<string, unknown> | undefined)?.[name]

/** Agents looked at for themselves, what is kept whole beside events, and the installation. */
export function operations(routes: Routes, db: () => Db): void {
  let dead = ['index_repository', 'deliver_webhook', 'deliver_webhook'].map((name, i) => ({
    id: `job_${i + 1}`,
    lane: 'chores',
    name,
    reason: name === 'deliver_webhook' ? 'connection refused' : 'The server did not answer within 15 seconds.',
    attempts: 25,
    died_at: before(3600 * (i + 1)),
  }))
  const said = (id: string | undefined) => {
    const { attempt, agent, step } = theAgent(db(), id)
    return { agent, events: attempt.events.filter((event) => event.step_no === step && event.phase !== 'started') }
  }
  routes
    .on(`GET ${base}/agent-runs/{id}`, ({ path }): AgentRunDetail => {
      const { attempt, agent, step } = theAgent(db(), path.id)
      return { agent_run: agent, run_id: attempt.run.id, step_no: step }
    })
    .on(`GET ${base}/agent-runs/{id}/model-calls`, ({ path }): ModelCallPage => {
      const { agent, events } = said(path.id)
      return {
        items: events
          .filter(({ type }) => type === 'model_call')
          .map(({ seq, turn, at }) => ({
            id: `call_${seq}`,
            turn: turn ?? 0,
            attempt: 1,
            provider: 'anthropic',
            model: agent.model,
            state: 'finished',
            sent_at: new Date(Date.parse(at) - 2300).toISOString(),
            ended_at: at,
            usage: { ...agent.usage, input_tokens: 4200, output_tokens: 310, cost_usd_micros: 18_000 },
          })),
      }
    })
    .on(
      `GET ${base}/agent-runs/{id}/tool-calls`,
      ({ path }): ToolCallPage => ({
        items: said(path.id)
          .events.filter(({ type }) => type === 'tool_call')
          .slice(0, 50)
          .map(({ seq, turn, at, data, phase }, i) => ({
            id: `tool_${seq}`,
            turn: turn ?? 0,
            ordinal: i + 1,
            tool: String(field(data, 'tool')),
            arguments: field(data, 'arguments'),
            result: field(data, 'output'),
            effect: 'none',
            state: 'finished',
            is_error: phase === 'failed',
            started_at: at,
            ended_at: at,
          })),
      }),
    )
    .on(
      `GET ${base}/agent-runs/{id}/transcript`,
      ({ path }): Transcript => ({
        items: [
          { role: 'system', turn: 0, content: [{ type: 'text', text: 'You mend one thing at a time. '.repeat(120) }] },
          ...said(path.id)
            .events.slice(0, 40)
            .map(({ type, turn, at, data, phase }, i, all) => {
              const next = all[i + 1]
              const use = { type: 'tool_use', name: field(next?.data, 'tool'), input: field(next?.data, 'arguments') }
              const output = field(data, 'output') ?? ''
              return {
                role: type === 'model_call' ? 'assistant' : 'user',
                turn: turn ?? 0,
                at,
                content:
                  type === 'model_call'
                    ? [{ type: 'text', text: field(data, 'text') }, ...(next?.type === 'tool_call' ? [use] : [])]
                    : [{ type: 'tool_result', content: output, ...(phase === 'failed' ? { is_error: true } : {}) }],
              }
            }),
        ],
      }),
    )
    .on(
      `GET ${base}/runs/{id}/artifacts/{name}`,
      () => new Response('the whole output', { headers: { 'content-type': 'application/octet-stream' } }),
    )
    .on(
      `GET ${base}/runs/{id}/export`,
      ({ path }) =>
        new Response(`${JSON.stringify({ type: 'run', id: path.id })}\n`, {
          headers: { 'content-type': 'application/x-ndjson' },
        }),
    )
    .on(`GET ${base}/audit/export`, ({ query }) => {
      const csv = query.get('format') === 'csv'
      const lines = db().audit.map((entry) => (csv ? `${entry.seq},${entry.action}` : JSON.stringify(entry)))
      return new Response(lines.join('\n'), { headers: { 'content-type': csv ? 'text/csv' : 'application/x-ndjson' } })
    })
    .on(`GET ${base}/operations`, (): Operations => {
      if (!db().me.permissions.includes('operate')) throw new Refusal(403, 'Forbidden')
      const running = db().attempts.filter(({ run }) => run.status === 'running').length
      const lane = {
        running_jobs: 0,
        waiting_jobs: 0,
        queued_runs: 1,
        ready_runs: 0,
        waiting_runs: 3,
        oldest_ready_s: 0,
      }
      return {
        lanes: [
          { ...lane, lane: 'interactive', running_runs: running, dead_jobs: 0 },
          { ...lane, lane: 'chores', running_runs: 0, running_jobs: 2, oldest_ready_s: 4, dead_jobs: dead.length },
        ],
        workers: [
          {
            id: 1,
            host: 'build-1',
            pid: 4711,
            lanes: ['interactive', 'chores'],
            runs: running,
            lease_s: 30,
            started_at: before(86_400),
            version: '0.1.0',
          },
        ],
      }
    })
    .on(`GET ${base}/operations/dead-jobs`, (): DeadJobPage => ({ items: dead }))
    .on(`POST ${base}/operations/dead-jobs/retry`, async ({ json }) => {
      const { ids } = await json<DeadJobRetry>()
      const many = dead.length
      dead = dead.filter(({ id }) => !ids.includes(id))
      return { retried: many - dead.length }
    })
}
