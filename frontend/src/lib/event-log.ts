/** What has happened, in order, outside React: a run may say thousands of things a minute. */

export interface Numbered {
  seq: number
}

/** No more than this is kept; older ones are fetched again when somebody scrolls up to them. */
export const MOST = 50_000

export interface LogView<E> {
  events: readonly E[]
  /** Changes with every publication. */
  version: number
  /** How many were put before the first since the log began: keeps the place of a reader. */
  prepended: number
}

type Frame = (callback: () => void) => unknown

export class EventLog<E extends Numbered> {
  #events: E[] = []
  #view: LogView<E> = { events: [], version: 0, prepended: 0 }
  #prepended = 0
  #listeners = new Set<() => void>()
  #scheduled = false

  constructor(
    private readonly most = MOST,
    private readonly frame: Frame = (callback) => requestAnimationFrame(callback),
  ) {}

  /** The highest number that is here; 0 when there is nothing. */
  get last(): number {
    return this.#events.at(-1)?.seq ?? 0
  }

  get first(): number | undefined {
    return this.#events[0]?.seq
  }

  /** Adds what is new at the end; what was heard before is dropped. */
  append(events: readonly E[]): void {
    for (const event of events) if (event.seq > this.last) this.#events.push(event)
    if (this.#events.length > this.most) {
      // In large bites: cutting one at a time would move the whole array each time.
      this.#prepended -= this.#events.length - Math.floor(this.most * 0.9)
      this.#events = this.#events.slice(-Math.floor(this.most * 0.9))
    }
    this.#publish()
  }

  /** Adds what came before the first. */
  prepend(events: readonly E[]): void {
    const first = this.first ?? Number.POSITIVE_INFINITY
    const older = events.filter((event) => event.seq < first)
    if (older.length === 0) return
    this.#events = [...older, ...this.#events]
    this.#prepended += older.length
    this.#publish()
  }

  clear(): void {
    this.#events = []
    this.#publish()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly view = (): LogView<E> => this.#view

  /** At most once a frame, however much arrives. */
  #publish() {
    if (this.#scheduled) return
    this.#scheduled = true
    this.frame(() => {
      this.#scheduled = false
      this.#view = { events: this.#events.slice(), version: this.#view.version + 1, prepended: this.#prepended }
      for (const listener of this.#listeners) listener()
    })
  }
}
