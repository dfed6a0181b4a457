import type { EventType, RunEvent } from '@/api/generated/types.gen'
import { textIn } from './read'

/** A line of the list. The events are what happened; lines are made of them and can be made again. */
export interface Row {
  /** Where it began: names the line, also after its end has come. */
  seq: number
  /** Where it ended: a fork takes up the run from here. */
  end: number
  /** The newest word about it. */
  event: RunEvent
  /** It has begun and is not over. */
  open: boolean
}

export interface RowFilter {
  /** Kinds to show; all when absent. */
  kind?: EventType[] | undefined
  errors?: true | undefined
  q?: string | undefined
  /** Only what happened in this step. */
  step?: number | undefined
}

/** Kinds as people tell them apart. */
export const kinds: Record<EventType, string> = {
  message: 'Messages',
  model_call: 'Model calls',
  tool_call: 'Tools',
  step: 'Steps',
  decision: 'Decisions',
  status: 'Run',
  other: 'Everything else',
}

/** What an event is the beginning or the end of; nothing when it stands for itself. */
export function thing({ type, run_id, step_no, turn, data, name }: RunEvent): string | undefined {
  if (!name.startsWith('activity.')) return undefined
  const own: Partial<Record<EventType, string | undefined>> = {
    tool_call: textIn(data, 'call_id'),
    model_call: turn === undefined ? undefined : String(turn),
    // Words of people are handed over one bundle a turn.
    message: String(turn ?? ''),
    other: textIn(data, 'key'),
  }
  const what = own[type]
  return what === undefined ? undefined : `${run_id}/${step_no}/${type}/${what}`
}

export const isError = ({ event }: Row): boolean => event.phase === 'failed'

/** All that a line can be found by; made once, as every line is looked at with each letter that is typed. */
const texts = new WeakMap<RunEvent, string>()
function textOf({ event }: Row): string {
  let text = texts.get(event)
  if (text === undefined) {
    text = `${event.title}\n${JSON.stringify(event.data ?? '')}`.toLowerCase()
    texts.set(event, text)
  }
  return text
}

/** Whether a line is shown; nothing when every line is. */
export function matchOf({ kind, errors, q, step }: RowFilter): ((row: Row) => boolean) | undefined {
  if (!kind && !errors && !q && step === undefined) return undefined
  const wanted = q?.toLowerCase()
  return (row) =>
    (!kind || kind.includes(row.event.type)) &&
    (!errors || isError(row)) &&
    (step === undefined || row.event.step_no === step) &&
    (!wanted || textOf(row).includes(wanted))
}

/** The next or the previous line that went wrong, seen from a line. */
export function nextError(rows: readonly Row[], from: number | undefined, by: 1 | -1): Row | undefined {
  if (from === undefined) return by > 0 ? rows.find(isError) : rows.findLast(isError)
  return by > 0
    ? rows.find((row) => row.seq > from && isError(row))
    : rows.findLast((row) => row.seq < from && isError(row))
}
