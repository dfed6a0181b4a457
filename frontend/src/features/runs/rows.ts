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
function thing({ type, run_id, step_no, turn, data, name }: RunEvent): string | undefined {
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

/** Events as lines: what has begun and what came of it is one line. */
export function rowsOf(events: readonly RunEvent[]): Row[] {
  const rows: Row[] = []
  const open = new Map<string, Row>()
  for (const event of events) {
    const key = thing(event)
    const begun = key === undefined ? undefined : open.get(key)
    const begins = event.phase === 'started' || event.name === 'activity.started'
    if (begun && !begins) {
      begun.event = event
      begun.end = event.seq
      begun.open = false
      open.delete(key as string)
      continue
    }
    const row: Row = { seq: event.seq, end: event.seq, event, open: key !== undefined && begins }
    if (key !== undefined && row.open) open.set(key, row)
    rows.push(row)
  }
  return rows
}

export const isError = ({ event }: Row): boolean => event.phase === 'failed'

export function filterRows(rows: Row[], { kind, errors, q, step }: RowFilter): Row[] {
  if (!kind && !errors && !q && step === undefined) return rows
  const wanted = q?.toLowerCase()
  return rows.filter(
    (row) =>
      (!kind || kind.includes(row.event.type)) &&
      (!errors || isError(row)) &&
      (step === undefined || row.event.step_no === step) &&
      (!wanted ||
        row.event.title.toLowerCase().includes(wanted) ||
        JSON.stringify(row.event.data ?? '')
          .toLowerCase()
          .includes(wanted)),
  )
}

/** The next or the previous line that went wrong, seen from a line. */
export function nextError(rows: Row[], from: number | undefined, by: 1 | -1): Row | undefined {
  const errors = rows.filter(isError)
  if (from === undefined) return by > 0 ? errors[0] : errors.at(-1)
  return by > 0 ? errors.find(({ seq }) => seq > from) : errors.findLast(({ seq }) => seq < from)
}
