import { listRunEvents } from '@/api/generated/sdk.gen'
import type { EventType, Frame, RunEvent, RunEventPage, WordsFrame } from '@/api/generated/types.gen'
import { live } from '@/api/live'
import { type ApiError, toApiError } from '@/api/problem'
import type { LiveStream } from '@/api/stream'
import { RowLog } from './row-log'
import { says } from './rows'

export interface FeedState {
  loading: boolean
  /** Why there is nothing to show. */
  error: ApiError | undefined
  /** There is more before the first. */
  older: boolean
  /** There is more behind the last: the end was let go of while somebody read far back. */
  newer: boolean
  loadingOlder: boolean
  /** Why what comes before could not be read; what is here stays. */
  olderError: ApiError | undefined
  /** Reads back by itself, page by page, until it is told to stop. */
  lookingBack: boolean
  /** What a model is just saying; the whole of it is an event in the end. */
  words: WordsFrame | undefined
}

/** Events that one reading brings: as many as the server gives at once. */
const PAGE = 200
/** Before this is everything. */
const END = 2_147_483_647

/** Which events are wanted; the server leaves out the others. */
export interface Asked {
  kind?: EventType | undefined
  /** Words in their title or in what they carry. */
  q?: string | undefined
}

type Read = (id: string, place: { before: number } | { after: number }, asked: Asked) => Promise<RunEventPage>

const readPage: Read = async (id, place, { kind, q }) =>
  (await listRunEvents({ path: { id }, query: { ...place, limit: PAGE, ...(kind && { kind }), ...(q && { q }) } })).data

/** What one run says: its newest page first, then everything after that from the stream, which begins each time where
 *  the list ends. So the list has no holes, whichever way the connection went. Of one kind alone or with some words, when
 *  asked: then the server leaves the others out, and the few of a long run are here at once. */
export class RunFeed {
  readonly log: RowLog
  #state: FeedState = {
    loading: true,
    error: undefined,
    older: false,
    newer: false,
    loadingOlder: false,
    olderError: undefined,
    lookingBack: false,
    words: undefined,
  }
  #listeners = new Set<() => void>()
  #stop: (() => void) | undefined
  /** How far the line was heard: further than the list, where that leaves something out. */
  #heard = 0
  /** What was heard while the newest page was being read. */
  #meanwhile: RunEvent[] | undefined
  #gone = false

  constructor(
    private readonly id: string,
    private readonly asked: Asked = {},
    private readonly stream: Pick<LiveStream<Frame>, 'watch'> = live,
    private readonly read: Read = readPage,
    most?: number,
  ) {
    const cut = (side: 'start' | 'end') => this.#say(side === 'start' ? { older: true } : { newer: true })
    // Of what has begun, only the beginning may have the words.
    this.log = new RowLog(cut, most, undefined, asked.q !== undefined)
  }

  start(): () => void {
    this.#gone = false
    void this.#begin()
    return () => {
      this.#gone = true
      this.#stop?.()
      this.#stop = undefined
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly state = (): FeedState => this.#state

  readonly retry = (): void => void this.#begin()

  /** Reads back until an event is here. */
  readonly reach = (seq: number): Promise<void> => this.#back(() => (this.log.first ?? 0) > seq)

  /** Reads back so many pages, unless it is told to stop. */
  readonly lookBack = (pages: number): Promise<void> => {
    let left = pages
    return this.#back(() => left-- > 0)
  }

  readonly stopLooking = (): void => this.#say({ lookingBack: false })

  /** Reads the page before the first event. */
  readonly loadOlder = async (): Promise<void> => {
    const before = this.log.first
    if (!this.#state.older || this.#state.loadingOlder || before === undefined) return
    this.#say({ loadingOlder: true, olderError: undefined })
    try {
      const page = await this.read(this.id, { before }, this.asked)
      this.log.prepend(page.items)
      this.#say({ loadingOlder: false, older: page.has_more })
    } catch (error) {
      this.#say({ loadingOlder: false, olderError: toApiError(error, undefined) })
    }
  }

  #newer: Promise<void> | undefined
  /** Reads the page behind the last event, when the end was let go of. */
  readonly loadNewer = (): void => {
    if (!this.#state.newer) return
    this.#newer ??= this.#readNewer().finally(() => {
      this.#newer = undefined
    })
  }

  /** Back to the newest, past everything in between. */
  readonly toEnd = async (): Promise<void> => {
    if (!this.#state.newer) return
    this.log.clear()
    this.#say({ newer: false })
    await this.#readNewest()
  }

  #say(change: Partial<FeedState>) {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }

  async #back(more: () => boolean): Promise<void> {
    if (this.#state.lookingBack) return
    this.#say({ lookingBack: true })
    while (!this.#gone && this.#state.lookingBack && this.#state.older && more()) {
      const first = this.log.first
      await this.loadOlder()
      if (this.log.first === first) break
    }
    this.#say({ lookingBack: false })
  }

  async #readNewer(): Promise<void> {
    try {
      for (;;) {
        const heard = this.#heard
        const page = await this.read(this.id, { after: this.log.last }, this.asked)
        this.log.append(page.items)
        if (page.has_more) return
        // What was heard meanwhile is on no page yet.
        if (heard === this.#heard) return this.#say({ newer: false })
      }
    } catch {
      // Asked for again by the next movement towards the end.
    }
  }

  async #readNewest(): Promise<boolean> {
    this.#say({ loading: true, error: undefined })
    const meanwhile: RunEvent[] = []
    this.#meanwhile = meanwhile
    try {
      const page = await this.read(this.id, { before: END }, this.asked)
      this.log.append(page.items)
      this.log.append(meanwhile)
      this.#say({ loading: false, older: page.has_more })
      return true
    } catch (error) {
      this.#say({ loading: false, error: toApiError(error, undefined) })
      return false
    } finally {
      // Another reading may have begun.
      if (this.#meanwhile === meanwhile) this.#meanwhile = undefined
    }
  }

  async #begin() {
    if (this.log.last === 0 && !(await this.#readNewest())) return
    this.#say({ loading: false, error: undefined })
    if (this.#gone || this.#stop) return
    this.#stop = this.stream.watch({
      run: { id: this.id, last: () => Math.max(this.#heard, this.log.last) },
      listener: (frame) => this.#hear(frame),
    })
  }

  #wanted(event: RunEvent): boolean {
    const { kind, q } = this.asked
    return (!kind || event.type === kind) && (!q || says(event, q))
  }

  #hear(frame: Frame) {
    if (frame.type === 'words') return this.#say({ words: frame })
    if (frame.type !== 'run_event') return
    this.#heard = Math.max(this.#heard, frame.event.seq)
    // Somebody reads far back: what is new is read when they come to the end.
    if (!this.#state.newer && this.#wanted(frame.event)) {
      if (this.#meanwhile) this.#meanwhile.push(frame.event)
      else this.log.append([frame.event])
    }
    // What was being said is an event now, or was given up.
    const { type, phase } = frame.event
    if (this.#state.words && type === 'model_call' && phase !== 'started') this.#say({ words: undefined })
  }
}
