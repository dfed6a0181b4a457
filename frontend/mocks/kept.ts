/** What hangs on a run besides its events: files that it keeps, and a plan that was not right at once. */

import type { RunArtifact } from '../src/api/generated/types.gen'
import { plan } from './contents'
import { type Attempt, before } from './db'

const kinds = { code: 'text/x-diff', test: 'text/plain' } as const

/** A difference of every step that writes, and the log of every one that tests. */
export const keptBy = ({ steps }: Attempt): RunArtifact[] =>
  steps.flatMap(({ name, step_no, state, ended_at }) =>
    state === 'done' && (name === 'code' || name === 'test')
      ? [
          {
            name: step_no.toString(16).padStart(64, 'a'),
            media_type: kinds[name],
            size_bytes: name === 'code' ? 2411 * step_no : 48_211 * step_no,
            step_no,
            created_at: ended_at ?? before(0),
          },
        ]
      : [],
  )

/** Another plan came before the one that was approved. */
export function revise({ plans }: Attempt): void {
  const last = plans.at(-1)
  if (!last) return
  const { decision, ...first } = last
  plans.unshift({
    ...first,
    version: 1,
    plan: {
      ...plan,
      summary: 'Prices are cut towards zero: `rounded(-1.235)` gives `-1.23`. I round in every caller.',
      items: plan.items.slice(0, 1),
    },
    decision: {
      decision: 'request_changes',
      by: decision?.by,
      at: last.created_at,
      text: 'Round in one place, please, and say how one sees that it is right.',
    },
  })
  last.version = 2
}
