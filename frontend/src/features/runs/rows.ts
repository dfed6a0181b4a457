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
  /** Only the uses of this tool. */
  tool?: string | undefined
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

/** Tools as people say them; of those that are not known, their names. */
export const tools: Readonly<Record<string, string>> = {
  bash: 'Commands',
  run_tests: 'Tests',
  read_file: 'Reading files',
  edit_file: 'Edits',
  write_file: 'New files',
  grep: 'Search in files',
  glob: 'Search for files',
  update_plan: 'Changes of the plan',
  ask_human: 'Questions',
  add_finding: 'Findings',
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

const holds = (value: unknown, words: string): boolean => {
  if (typeof value === 'string') return value.toLowerCase().includes(words)
  return typeof value === 'object' && value !== null && Object.values(value).some((one) => holds(one, words))
}

/** Whether an event has these words in its title or in one of its texts, as the server looks for them: for those that
 *  come over the line, which were not asked for by their words. */
export const says = ({ title, data }: RunEvent, words: string): boolean =>
  holds(title, words.toLowerCase()) || holds(data, words.toLowerCase())

/** Whether a line is shown; nothing when every line is. */
export function matchOf({ kind, errors, tool, step }: RowFilter): ((row: Row) => boolean) | undefined {
  if (!kind && !errors && !tool && step === undefined) return undefined
  return (row) =>
    (!kind || kind.includes(row.event.type)) &&
    (!errors || isError(row)) &&
    (!tool || textIn(row.event.data, 'tool') === tool) &&
    (step === undefined || row.event.step_no === step)
}

/** The next or the previous line that went wrong, seen from a line. */
export function nextError(rows: readonly Row[], from: number | undefined, by: 1 | -1): Row | undefined {
  if (from === undefined) return by > 0 ? rows.find(isError) : rows.findLast(isError)
  return by > 0
    ? rows.find((row) => row.seq > from && isError(row))
    : rows.findLast((row) => row.seq < from && isError(row))
}
