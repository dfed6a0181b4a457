import type { NewTask, NewTaskOptions, RoleLimits, RoleModels } from '@/api/generated/types.gen'
import { roleNames } from '@/components/words'
import { toMicros } from '@/lib/numbers'
import type { TaskDraft } from './task-draft'

/** What is wrong with a draft, by the places that the server names: `options/limits/coder/turns`. */
export type Wrong = Readonly<Record<string, string>>

/** A whole number between two, as it was typed. */
function whole(text: string, least: number, most: number): number | undefined {
  const n = Number(text)
  return /^\d+$/.test(text.trim()) && n >= least && n <= most ? n : undefined
}

const between = (least: number, most: number) => `A whole number from ${least} to ${most}`

/** Collects what is wrong while what was typed is read. */
class Reader {
  readonly wrong: Record<string, string> = {}

  /** A number that may be left out. */
  number(place: string, text: string, least: number, most: number): number | undefined {
    if (text.trim() === '') return undefined
    const n = whole(text, least, most)
    if (n === undefined) this.wrong[place] = between(least, most)
    return n
  }

  /** A sum that may be left out. */
  sum(place: string, text: string): number | undefined {
    if (text.trim() === '') return undefined
    const micros = toMicros(text)
    if (!micros) this.wrong[place] = 'An amount in dollars, like 2.50'
    return micros || undefined
  }
}

const some = <T extends object>(value: T): T | undefined => (Object.keys(value).length > 0 ? value : undefined)
/** Without what nobody has said. */
const said = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T

function limitsOf(draft: TaskDraft, read: Reader): RoleLimits | undefined {
  const limits: RoleLimits = {}
  for (const role of roleNames) {
    const { turns = '', usd = '' } = draft.limits[role] ?? {}
    const place = `options/limits/${role}`
    const limit = some(
      said({ turns: read.number(`${place}/turns`, turns, 1, 1000), usd_micros: read.sum(`${place}/usd_micros`, usd) }),
    )
    if (limit) limits[role] = limit
  }
  return some(limits)
}

const modelsOf = ({ models }: TaskDraft): RoleModels | undefined =>
  some(Object.fromEntries(Object.entries(models).filter(([, model]) => model)) as RoleModels)

function optionsOf(draft: TaskDraft, offered: boolean, read: Reader): NewTaskOptions {
  const works = draft.mode !== 'plan_only'
  return {
    mode: draft.mode,
    approve_plan: draft.mode !== 'no_plan' && draft.approve_plan,
    approve_delivery: draft.approve_delivery,
    ...said({
      // A draft may have been begun for another repository, or in another way.
      deliver: offered && works ? draft.deliver : undefined,
      attempts: works && draft.attempts > 1 ? draft.attempts : undefined,
      models: modelsOf(draft),
      limits: limitsOf(draft, read),
      minutes: read.number('options/minutes', draft.minutes, 1, 10_080),
      test_rounds: read.number('options/test_rounds', draft.test_rounds, 1, 10),
      review_rounds: read.number('options/review_rounds', draft.review_rounds, 1, 10),
      network: draft.network || undefined,
    }),
  }
}

/** What is sent, or what is wrong with it. */
export function bodyOf(
  draft: TaskDraft,
  /** Whether its repository is on a server that knows pull requests. */
  offered: boolean,
): { body: NewTask } | { wrong: Wrong } {
  const read = new Reader()
  const title = draft.title.trim()
  const budget = toMicros(draft.budget)
  const options = optionsOf(draft, offered, read)
  const { wrong } = read
  if (title === '') wrong.title = 'Say in a line what is to be done.'
  if (title.length > 300) wrong.title = 'At most 300 characters; the rest belongs below.'
  if (!budget) wrong.budget_usd_micros = 'An amount in dollars, like 2.50'
  if (Object.keys(wrong).length > 0 || budget === undefined) return { wrong }
  const branch = draft.branch.trim()
  return {
    body: {
      title,
      description: draft.description,
      repository_id: draft.repository,
      ...(branch ? { base_branch: branch } : {}),
      budget_usd_micros: budget,
      ...(draft.after.length > 0 ? { depends_on: draft.after.map(({ id }) => id) } : {}),
      ...(draft.start ? {} : { start: false }),
      options,
    },
  }
}
