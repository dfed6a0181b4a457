import type {
  Hit,
  HitList,
  NewWebhook,
  NotificationKind,
  NotificationPage,
  NotificationPreferences,
  ReadNotifications,
  Unread,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookUpdate,
  WebhookWithSecret,
} from '../../src/api/generated/types.gen'
import { type Db, newId, now } from '../db'
import { Refusal, type Routes } from '../http'
import { pageOf } from './work'

const base = '/api/v1'

function theWebhook(db: Db, id: string | undefined): Webhook {
  const webhook = db.webhooks.find((one) => one.id === id)
  if (!webhook) throw new Refusal(404, 'Not Found', { detail: 'there is no such webhook' })
  return webhook
}

/** How often a webhook was changed by people. */
const changes = new WeakMap<Webhook, number>()
const tagOf = (webhook: Webhook) => `"${changes.get(webhook) ?? 0}"`
const tagged = (webhook: Webhook) => Response.json(webhook, { headers: { etag: tagOf(webhook) } })

const badAddress = () =>
  new Refusal(422, 'Unprocessable Entity', { errors: [{ path: '/url', message: 'must begin with https://' }] })

const unread = (db: Db) => db.notifications.filter(({ read_at }) => !read_at).length

function hits(db: Db, q: string): Hit[] {
  const fits = (title: string, id: string) => title.toLowerCase().includes(q) || id.startsWith(q)
  return [
    ...db.repositories
      .filter(({ id, name }) => fits(name, id))
      .map(({ id, name, url }): Hit => ({ kind: 'repository', id, title: name, subtitle: url })),
    ...db.tasks
      .filter(({ id, title }) => fits(title, id))
      .map(({ id, title, repository }): Hit => ({ kind: 'task', id, title, subtitle: repository.name })),
    ...db.attempts
      .filter(({ run }) => fits(run.task.title, run.id))
      .map(({ run }): Hit => ({ kind: 'run', id: run.id, title: run.task.title, subtitle: run.status })),
  ]
}

/** What people and programs are told, and what is found by its name. */
export function told(routes: Routes, db: () => Db): void {
  routes
    .on(
      `GET ${base}/search`,
      ({ query }): HitList => ({
        items: hits(db(), (query.get('q') ?? '').toLowerCase()).slice(0, Number(query.get('limit') ?? 20)),
      }),
    )
    .on(`GET ${base}/notifications/preferences`, (): NotificationPreferences => ({ muted: db().muted }))
    .on(`PUT ${base}/notifications/preferences`, async ({ json }): Promise<NotificationPreferences> => {
      db().muted = (await json<NotificationPreferences>()).muted
      return { muted: db().muted }
    })
    .on(`GET ${base}/notifications`, ({ query }): NotificationPage => {
      const only = query.get('unread') === 'true'
      const fits = db().notifications.filter(({ read_at }) => !only || !read_at)
      return { ...pageOf(fits, query), unread: unread(db()) }
    })
    .on(`POST ${base}/notifications/read`, async ({ json }) => {
      const { ids } = await json<ReadNotifications>()
      for (const one of db().notifications) if (!ids || ids.includes(one.id)) one.read_at ??= now()
      return Response.json({ unread: unread(db()) } satisfies Unread)
    })
    .on(`GET ${base}/webhooks`, () => ({ items: db().webhooks }))
    .on(`POST ${base}/webhooks`, async ({ json }): Promise<WebhookWithSecret> => {
      const { url, kinds, everyone } = await json<NewWebhook>()
      if (!url.startsWith('https://')) throw badAddress()
      const webhook: Webhook = {
        id: newId('webhook'),
        owner_id: db().me.id,
        url,
        kinds,
        everyone: everyone ?? false,
        active: true,
        failures: 0,
        created_at: now(),
      }
      db().webhooks.unshift(webhook)
      return { webhook, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }
    })
    .on(`GET ${base}/webhooks/{id}`, ({ path }) => tagged(theWebhook(db(), path.id)))
    .on(`PATCH ${base}/webhooks/{id}`, async ({ path, json, request }) => {
      const webhook = theWebhook(db(), path.id)
      const change = await json<WebhookUpdate>()
      const seen = request.headers.get('if-match')
      if (seen && seen !== tagOf(webhook))
        throw new Refusal(412, 'Precondition Failed', { detail: 'it was changed since it was read' })
      if (change.url && !change.url.startsWith('https://')) throw badAddress()
      changes.set(webhook, (changes.get(webhook) ?? 0) + 1)
      Object.assign(webhook, change)
      if (change.active) {
        webhook.failures = 0
        delete webhook.disabled_reason
      }
      return tagged(webhook)
    })
    .on(`DELETE ${base}/webhooks/{id}`, ({ path }) => {
      theWebhook(db(), path.id)
      db().webhooks = db().webhooks.filter(({ id }) => id !== path.id)
    })
    .on(`GET ${base}/webhooks/{id}/deliveries`, ({ path, query }): WebhookDeliveryPage => {
      theWebhook(db(), path.id)
      return pageOf(db().deliveries.get(path.id ?? '') ?? [], query)
    })
    .on(`POST ${base}/webhooks/{id}/deliveries/{delivery}/redeliver`, ({ path }) => {
      const delivery = db()
        .deliveries.get(path.id ?? '')
        ?.find(({ id }) => id === path.delivery)
      if (!delivery) throw new Refusal(404, 'Not Found', { detail: 'it was not sent that' })
      Object.assign(delivery, { state: 'delivered', status: 204, tries: 1, tried_at: now(), delivered_at: now() })
      delete delivery.error
    })
}

/** What was sent to a webhook so far. */
export const sent = (kinds: NotificationKind[], run_id: string, at: (i: number) => string): WebhookDelivery[] =>
  kinds.map((kind, i) => ({
    id: newId('delivery'),
    kind,
    run_id,
    created_at: at(i),
    tried_at: at(i),
    tries: i === 1 ? 9 : 1,
    state: i === 1 ? 'failed' : 'delivered',
    status: i === 1 ? 503 : 204,
    ...(i === 1 ? { error: 'it answered 503 Service Unavailable' } : { delivered_at: at(i) }),
  }))
