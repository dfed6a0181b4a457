import type { RunEvent } from '@/api/generated/types.gen'
import { type Row, thing } from './rows'

/** No more lines than this are kept; others are fetched again when somebody scrolls to them. */
export const MOST = 50_000

export interface RowView {
  /** The lines that fit the filter, in order. The list itself is the same each time; `version` says that it changed. */
  shown: readonly Row[]
  /** How many lines there are, whatever the filter leaves out. */
  all: number
  /** Position of the first event that is here. */
  first: number | undefined
  version: number
  /** Moves with every line that comes or goes before the first shown: keeps the place of a reader. */
  prepended: number
  /** The newest step an agent was seen at work in. */
  step: number
}

type Frame = (callback: () => void) => unknown
export type Match = (row: Row) => boolean

/** Where a line stands, or would stand: lines are in the order in which they began. */
export function placeOf(rows: readonly Row[], seq: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rows[middle]?.seq ?? 0) < seq) low = middle + 1
    else high = middle
  }
  return low
}

/** What a run says as lines, outside React: a run may say thousands of things a minute, and what one more costs must
 *  not grow with all that was said before. A line is replaced when something comes of it and is the same object
 *  otherwise, so that what is drawn of it stays. */
export class RowLog {
  #rows: Row[] = []
  #shown: Row[] = this.#rows
  #match: Match | undefined
  /** What has begun and is not over. */
  #open = new Map<string, Row>()
  /** Ends whose beginnings were not read yet. */
  #ends = new Map<string, Row>()
  /** Ends behind the cut that lines before it already have. */
  #known = new Set<number>()
  #first: number | undefined
  #last = 0
  #step = 0
  #prepended = 0
  #version = 0
  #view: RowView = { shown: [], all: 0, first: undefined, version: 0, prepended: 0, step: 0 }
  #listeners = new Set<() => void>()
  #scheduled = false
  #growing: 'start' | 'end' = 'end'

  constructor(
    /** Told when more was here than may be: those at the other end from where it grew are gone. */
    private readonly onCut: (side: 'start' | 'end') => void = () => {},
    private readonly most = MOST,
    private readonly frame: Frame = (callback) => requestAnimationFrame(callback),
    /** Only some events are here: what has begun may be over long since. */
    private readonly partial = false,
  ) {}

  /** The highest position that is here; 0 when there is nothing. */
  get last(): number {
    return this.#last
  }

  get first(): number | undefined {
    return this.#first
  }

  /** Adds what is new at the end; what was heard before is dropped. */
  append(events: readonly RunEvent[]): void {
    let changed = false
    for (const event of events) {
      if (event.seq <= this.#last) continue
      this.#last = event.seq
      this.#first ??= event.seq
      changed = true
      if (!this.#known.delete(event.seq)) this.#take(event)
    }
    this.#growing = 'end'
    if (changed) this.#publish()
  }

  /** Adds what came before the first. */
  prepend(events: readonly RunEvent[]): void {
    const first = this.#first ?? Number.POSITIVE_INFINITY
    const older = events.filter((event) => event.seq < first)
    if (older.length === 0) return
    const before = new RowLog(undefined, undefined, undefined, this.partial)
    for (const event of older) before.#take(event)
    // Something that began there may have come to its end here.
    for (const [key, row] of before.#open) {
      const end = this.#ends.get(key)
      if (!end) {
        if (!this.#open.has(key)) this.#open.set(key, row)
        continue
      }
      this.#ends.delete(key)
      this.#drop(end)
      before.#rows[placeOf(before.#rows, row.seq)] = { ...row, event: end.event, end: end.end, open: false }
    }
    for (const [key, row] of before.#ends) this.#ends.set(key, row)
    const match = this.#match
    const same = this.#shown === this.#rows
    const fitting = match ? before.#rows.filter(match) : before.#rows
    this.#rows = before.#rows.concat(this.#rows)
    this.#shown = same ? this.#rows : fitting.concat(this.#shown)
    this.#first = older[0]?.seq
    this.#last = Math.max(this.#last, older.at(-1)?.seq ?? 0)
    this.#prepended += fitting.length
    this.#growing = 'start'
    this.#publish()
  }

  clear(): void {
    for (const kept of [this.#open, this.#ends, this.#known]) kept.clear()
    this.#rows = []
    this.#shown = this.#match ? [] : this.#rows
    this.#first = undefined
    this.#last = 0
    this.#publish()
  }

  /** Shows only what fits. */
  filter(match: Match | undefined): void {
    if (match === this.#match) return
    this.#match = match
    this.#shown = match ? this.#rows.filter(match) : this.#rows
    // At once: whoever asks for a filter is not shown the list of another one.
    this.#renew()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly view = (): RowView => this.#view

  #take(event: RunEvent) {
    if (event.type === 'model_call' || event.type === 'tool_call') this.#step = Math.max(this.#step, event.step_no)
    const key = thing(event)
    const begins = event.phase === 'started' || event.name === 'activity.started'
    const begun = key === undefined || begins ? undefined : this.#open.get(key)
    if (begun && key !== undefined) {
      this.#open.delete(key)
      this.#change(begun, { ...begun, event, end: event.seq, open: false }, key)
      return
    }
    const waits = key !== undefined && begins
    const row: Row = { seq: event.seq, end: event.seq, event, open: waits && !this.partial }
    if (waits) this.#open.set(key, row)
    else if (key !== undefined && !this.#ends.has(key)) this.#ends.set(key, row)
    this.#rows.push(row)
    if (this.#shown !== this.#rows && this.#match?.(row)) this.#shown.push(row)
  }

  #change(before: Row, after: Row, key: string) {
    const at = placeOf(this.#rows, before.seq)
    // Its beginning was cut off: it is found when that is read again.
    if (this.#rows[at] !== before) return void this.#ends.set(key, after)
    this.#rows[at] = after
    if (this.#shown === this.#rows) return
    const place = placeOf(this.#shown, before.seq)
    const stood = this.#shown[place] === before ? 1 : 0
    this.#shown.splice(place, stood, ...(this.#match?.(after) ? [after] : []))
  }

  #drop(row: Row) {
    for (const list of new Set([this.#rows, this.#shown])) {
      const at = placeOf(list, row.seq)
      if (list[at] === row) list.splice(at, 1)
    }
  }

  /** In large bites: cutting one at a time would move the whole list each time. */
  #cut() {
    const keep = Math.floor(this.most * 0.9)
    const growing = this.#growing
    const [from, to] = growing === 'end' ? [this.#rows.length - keep, this.#rows.length] : [0, keep]
    const gone = growing === 'end' ? this.#rows.slice(0, from) : this.#rows.slice(to)
    const kept = this.#rows.slice(from, to)
    const before = this.#shown.length
    this.#shown = this.#shown === this.#rows ? kept : this.#shown.slice(...this.#bounds(kept))
    this.#rows = kept
    if (growing === 'end') {
      const first = kept[0]?.seq ?? 0
      this.#first = first
      this.#prepended -= before - this.#shown.length
      // What began before the cut and came to its end behind it: the end waits for its beginning.
      for (const row of gone) if (row.end >= first) this.#ends.set(thing(row.event) ?? '', row)
    } else {
      const next = gone[0]?.seq ?? 0
      this.#last = next - 1
      for (const row of kept) if (row.end >= next) this.#known.add(row.end)
      for (const [key, row] of this.#open) if (row.seq >= next) this.#open.delete(key)
    }
    this.onCut(growing === 'end' ? 'start' : 'end')
    this.#renew()
  }

  #bounds(kept: readonly Row[]): [number, number] {
    return [
      placeOf(this.#shown, kept[0]?.seq ?? 0),
      placeOf(this.#shown, (kept.at(-1)?.seq ?? Number.POSITIVE_INFINITY) + 1),
    ]
  }

  #renew() {
    this.#version += 1
    this.#view = {
      shown: this.#shown,
      all: this.#rows.length,
      first: this.#first,
      version: this.#version,
      prepended: this.#prepended,
      step: this.#step,
    }
    for (const listener of this.#listeners) listener()
  }

  /** At most once a frame, however much arrives. */
  #publish() {
    if (this.#scheduled) return
    this.#scheduled = true
    this.frame(() => {
      this.#scheduled = false
      this.#renew()
      // A frame of its own: a list that grows at one end and shrinks at the other at once would lose its place.
      if (this.#rows.length > this.most) this.frame(() => this.#cut())
    })
  }
}
