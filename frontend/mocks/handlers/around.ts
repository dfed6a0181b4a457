import type { AuditPage, AuditVerdict, Frame, Readiness, Version } from '../../src/api/generated/types.gen'
import type { Db } from '../db'
import { eventStream, Refusal, type Routes } from '../http'

const base = '/api/v1'

/** What stands around the work: the version, the audit, and the stream. */
export function around(routes: Routes, db: () => Db): void {
  routes
    .on(`GET ${base}/version`, (): Version => ({ version: '0.1.0', api: 'v1', sandbox: 'bubblewrap' }))
    .on('GET /readyz', (): Readiness => {
      const { down } = db()
      if (down.length > 0)
        throw new Refusal(503, 'Service Unavailable', {
          detail: 'The process is not ready.',
          errors: down.map(({ name, state }) => ({ path: name, message: state })),
        })
      return {
        status: 'ready',
        parts: [
          { name: 'database', state: 'answers' },
          { name: 'schema', state: 'migrated to 14' },
          { name: 'worker', state: 'working' },
        ],
      }
    })
    .on(`GET ${base}/audit/verify`, ({ query }): AuditVerdict => {
      const [newest] = db().audit
      const seq = query.get('seq')
      const kept = db().audit.find((entry) => String(entry.seq) === seq)
      const intact = seq === null || kept?.hash === query.get('hash')
      return {
        intact,
        ...(intact ? {} : { broken_at: Number(seq) }),
        last_seq: newest?.seq,
        last_hash: newest?.hash,
      }
    })
    .on(`GET ${base}/audit`, ({ query }): AuditPage => {
      if (!db().me.permissions.includes('audit'))
        throw new Refusal(403, 'Forbidden', { detail: 'your role may not read the audit log' })
      const fits = db().audit.filter(
        ({ action, subject, actor_id, at }) =>
          action.startsWith(query.get('action') ?? '') &&
          subject.includes(query.get('subject') ?? '') &&
          [null, actor_id].includes(query.get('actor_id')) &&
          at >= (query.get('since') ?? '') &&
          at < (query.get('until') ?? '9'),
      )
      const from = fits.findIndex(({ seq }) => String(seq) === query.get('cursor')) + 1
      const items = fits.slice(from, from + 20)
      const last = items.at(-1)
      return { items, ...(last && from + 20 < fits.length ? { next_cursor: String(last.seq) } : {}) }
    })
    .on(`GET ${base}/stream`, ({ query, request }) => {
      const followed = query.get('run')
      const past = db().attempts.find(({ run }) => run.id === followed)?.events ?? []
      const after = Number(request.headers.get('last-event-id') ?? query.get('after') ?? 0)
      return eventStream((send) => {
        const listener = (frame: Frame, run: string) => {
          const of = frame.type === 'run_event' || frame.type === 'end'
          if (of && run !== followed) return
          send(frame.type === 'run_event' ? String(frame.event.seq) : undefined, frame)
        }
        for (const event of past) if (event.seq > after) listener({ type: 'run_event', event }, followed ?? '')
        db().listeners.add(listener)
        return () => db().listeners.delete(listener)
      })
    })
}
