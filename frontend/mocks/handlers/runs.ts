import type {
  DeliveryDecision,
  Fork,
  NewPlanDecision,
  NewReview,
  PersonReview,
  Raise,
  Retry,
  ReviewPage,
  Run,
  RunArtifactPage,
  RunEventPage,
  RunPage,
  Status,
  Words,
} from '../../src/api/generated/types.gen'
import { says } from '../../src/features/runs/rows'
import { lineOf } from '../contents'
import { type Attempt, attemptOf, type Db, happen, move, newId, now, taskOf } from '../db'
import { Refusal, type Routes } from '../http'
import { keptBy } from '../kept'
import { newAttempt } from '../seed'
import { coding, type Pace, planning } from '../story'
import { pageOf } from './work'

const base = '/api/v1/runs'

function theRun(db: Db, id: string | undefined): Attempt {
  const attempt = attemptOf(db, id ?? '')
  if (!attempt) throw new Refusal(404, 'Not Found', { detail: 'there is no such run' })
  return attempt
}

const must = (fits: boolean, detail: string) => {
  if (!fits) throw new Refusal(409, 'Conflict', { detail })
}

function say(db: Db, attempt: Attempt, text: string) {
  happen(db, attempt, {
    step_no: attempt.steps.length,
    type: 'message',
    phase: 'finished',
    name: 'activity.finished',
    title: 'A message reached the agent',
    data: { texts: [text] },
  })
}

/** As lists tell of a run: what it asks is told of one run alone. */
export const inList = ({ question: _, ...run }: Run): Run => run

/** Reading runs: what they are, what happened, what they changed. */
export function runs(routes: Routes, db: () => Db): void {
  routes
    .on(`GET ${base}`, ({ query }): RunPage => {
      const states = query.getAll('status') as Status[]
      const repository = query.get('repository_id')
      const rows = db()
        .attempts.map(({ run }) => run)
        .filter(
          (run) =>
            !run.attempt_of &&
            (states.length === 0 || states.includes(run.status)) &&
            (!repository || run.repository.id === repository),
        )
      return pageOf(rows.map(({ attempts: _, ...run }) => inList(run)).reverse(), query)
    })
    .on('GET /api/v1/approvals', (): RunPage => {
      const waiting = db()
        .attempts.map(({ run }) => run)
        .filter(({ status }) => status.startsWith('awaiting_'))
      return { items: waiting.map(inList).sort((a, b) => (a.since ?? '').localeCompare(b.since ?? '')) }
    })
    .on(`GET ${base}/{id}`, ({ path }): Run => theRun(db(), path.id).run)
    .on(`GET ${base}/{id}/steps`, ({ path }) => ({ items: theRun(db(), path.id).steps }))
    .on(`GET ${base}/{id}/events`, ({ path, query }): RunEventPage => {
      const kind = query.get('kind')
      const q = query.get('q')
      const events = theRun(db(), path.id).events.filter(
        (event) => (!kind || event.type === kind) && (!q || says(event, q)),
      )
      const limit = Number(query.get('limit') ?? 200)
      const after = query.get('after')
      const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY)
      const fits = events.filter(({ seq }) => (after === null ? seq < before : seq > Number(after)))
      const items = after === null ? fits.slice(-limit) : fits.slice(0, limit)
      const more = after === null ? events[0]?.seq !== items[0]?.seq : events.at(-1)?.seq !== items.at(-1)?.seq
      return { items, has_more: items.length > 0 && more }
    })
    .on(`GET ${base}/{id}/plans`, ({ path }) => ({ items: theRun(db(), path.id).plans }))
    .on(`GET ${base}/{id}/diff`, ({ path }) => ({
      base: '8c1f0a9',
      head: '4f2a9c1',
      files: theRun(db(), path.id).files.map(({ patch: _, ...entry }) => entry),
      truncated: false,
    }))
    .on(`GET ${base}/{id}/diff/file`, ({ path, query }) => {
      const file = theRun(db(), path.id).files.find((one) => one.path === query.get('path'))
      if (!file) throw new Refusal(404, 'Not Found', { detail: 'the run has not changed this file' })
      return { path: file.path, patch: file.patch }
    })
    .on(`GET ${base}/{id}/reviews`, ({ path }): ReviewPage => ({ items: theRun(db(), path.id).reviews }))
    .on(`GET ${base}/{id}/artifacts`, ({ path }): RunArtifactPage => ({ items: keptBy(theRun(db(), path.id)) }))
    .on(`GET ${base}/{id}/checks`, ({ path }) => theRun(db(), path.id).checks)
}

/** Steering runs: deciding, answering, stopping, going on. */
export function steering(routes: Routes, db: () => Db, pace: Pace): void {
  const ok = ({ run }: Attempt) => Response.json(run)
  routes
    .on(`POST ${base}/{id}/plans/{version}/decision`, async ({ path, json }) => {
      const attempt = theRun(db(), path.id)
      const newest = attempt.plans.at(-1)
      must(
        attempt.run.status === 'awaiting_plan' && newest?.version === Number(path.version),
        'this version is not the newest',
      )
      const body = await json<NewPlanDecision>()
      const { decision, text } = body
      if (newest)
        Object.assign(
          newest,
          { decision: { decision, by: { id: db().me.id, name: db().me.name }, at: now(), text } },
          body.plan && { plan: body.plan },
        )
      happen(db(), attempt, {
        step_no: attempt.steps.length,
        type: 'decision',
        phase: 'finished',
        name: 'signal.received',
        title: `Plan: ${body.decision.replace('_', ' ')}`,
        data: { payload: { decision: body.decision, text: body.text } },
      })
      if (body.decision === 'approve') coding(db(), attempt, pace)
      else if (body.decision === 'reject') move(db(), attempt, 'rejected', { result: 'rejected' })
      else planning(db(), attempt, pace, `Taking up what you said (“${body.text}”): prices are rounded half to even.`)
      return newest
    })
    .on(`POST ${base}/{id}/cancel`, ({ path }) => {
      const attempt = theRun(db(), path.id)
      must(!attempt.run.ended_at, 'the run has ended')
      for (const step of attempt.steps)
        if (step.state === 'running') Object.assign(step, { state: 'done', ended_at: now(), result: 'canceled' })
      happen(db(), attempt, {
        step_no: attempt.steps.length,
        type: 'status',
        name: 'run.canceled',
        title: 'run canceled',
        data: {},
      })
      move(db(), attempt, 'canceled')
      return ok(attempt)
    })
    .on(`POST ${base}/{id}/pause`, ({ path }) => {
      move(db(), theRun(db(), path.id), 'paused')
      return ok(theRun(db(), path.id))
    })
    .on(`POST ${base}/{id}/resume`, ({ path }) => {
      move(db(), theRun(db(), path.id), 'running')
      return ok(theRun(db(), path.id))
    })
    .on(`POST ${base}/{id}/retry`, async ({ path, json }) => {
      const attempt = theRun(db(), path.id)
      const { from_seq } = await json<Retry>()
      must(Boolean(attempt.run.ended_at), 'the run is still under way')
      attempt.steps = attempt.steps.filter(
        ({ seq, state }) => state === 'done' && (from_seq == null || (seq ?? 0) <= from_seq),
      )
      happen(db(), attempt, {
        step_no: attempt.steps.length,
        type: 'status',
        name: 'run.retried',
        title: 'run retried',
        data: {},
      })
      delete attempt.run.failure
      delete attempt.run.result
      ;(attempt.steps.length === 0 ? planning : coding)(db(), attempt, pace)
      return ok(attempt)
    })
    .on(`POST ${base}/{id}/fork`, async ({ path, json }) => {
      const from = theRun(db(), path.id)
      const body = await json<Fork>()
      const task = taskOf(db(), from.run.task.id)
      if (!task) throw new Refusal(404, 'Not Found')
      const left = task.budget_usd_micros - task.cost_usd_micros
      if ((body.budget_usd_micros ?? 0) > left)
        throw new Refusal(422, 'Unprocessable Entity', {
          errors: [{ path: '/budget_usd_micros', message: `the task has ${left} left` }],
        })
      const fork = newAttempt(db(), task)
      Object.assign(fork.run, { fork_of: from.run.id, fork_seq: body.from_seq })
      if (body.budget_usd_micros) fork.run.budget_usd_micros = body.budget_usd_micros
      fork.events = from.events.filter(({ seq }) => seq <= body.from_seq)
      fork.steps = from.steps
        .filter(({ seq }) => seq !== undefined && seq <= body.from_seq)
        .map((step) => ({ ...step }))
      for (const said of [body.title, body.description, body.model]) if (said) say(db(), fork, said)
      ;(fork.steps.length === 0 ? planning : coding)(db(), fork, pace)
      return fork.run
    })
    .on(`POST ${base}/{id}/messages`, async ({ path, json }) => {
      const attempt = theRun(db(), path.id)
      must(!attempt.run.ended_at, 'the run has ended')
      say(db(), attempt, (await json<Words>()).text)
    })
    .on(`POST ${base}/{id}/reviews`, async ({ path, json }): Promise<PersonReview> => {
      const attempt = theRun(db(), path.id)
      must(!attempt.run.ended_at, 'the run has ended')
      const { text, comments } = await json<NewReview>()
      const review: PersonReview = {
        id: newId('review'),
        by: { id: db().me.id, name: db().me.name },
        created_at: now(),
        sent_as: attempt.run.status === 'awaiting_delivery' ? 'decision' : 'message',
        text: text ?? '',
        comments: comments.map((one) => ({
          ...one,
          start_line: one.start_line ?? one.line,
          code: lineOf(attempt.files.find((file) => file.path === one.path)?.patch ?? '', one.side, one.line),
        })),
      }
      attempt.reviews.push(review)
      say(db(), attempt, `A review: ${[review.text, ...comments.map((one) => one.text)].filter(Boolean).join(' · ')}`)
      if (review.sent_as === 'decision') coding(db(), attempt, pace)
      return review
    })
    .on(`POST ${base}/{id}/answer`, async ({ path, json }) => {
      const attempt = theRun(db(), path.id)
      say(db(), attempt, (await json<Words>()).text)
      delete attempt.run.question
      coding(db(), attempt, pace)
      return ok(attempt)
    })
    .on(`POST ${base}/{id}/budget`, async ({ path, json }) => {
      const attempt = theRun(db(), path.id)
      const task = taskOf(db(), attempt.run.task.id)
      if (task) task.budget_usd_micros += (await json<Raise>()).usd_micros ?? 0
      coding(db(), attempt, pace)
      return ok(attempt)
    })
    .on(`POST ${base}/{id}/delivery`, async ({ path, json }) => {
      const attempt = theRun(db(), path.id)
      const { decision, text } = await json<DeliveryDecision>()
      if (text) say(db(), attempt, text)
      if (decision === 'approve') move(db(), attempt, 'succeeded', { result: 'published', branch: 'codegraph/stock' })
      else if (decision === 'reject') move(db(), attempt, 'rejected', { result: 'rejected' })
      else coding(db(), attempt, pace)
      return ok(attempt)
    })
}
