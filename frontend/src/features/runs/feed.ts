import { listRunEvents } from '@/api/generated/sdk.gen'
import type { EventType, Frame, RunEvent, RunEventPage, WordsFrame } from '@/api/generated/types.gen'
import { live } from '@/api/live'
import { type ApiError, toApiError } from '@/api/problem'
import type { LiveStream } from '@/api/stream'
import { EventLog } from '@/lib/event-log'

export interface FeedState {
  loading: boolean
  error: ApiError | undefined
  /** There is more before the first. */
  older: boolean
  loadingOlder: boolean
  /** What a model is just saying; the whole of it is an event in the end. */
  words: WordsFrame | undefined
}

/** Events that one reading brings: as many as the server gives at once. */
const PAGE = 200
/** Before this is everything. */
const END = 2_147_483_647

type Read = (id: string, before: number, kind?: EventType) => Promise<RunEventPage>

const readPage: Read = async (id, before, kind) =>
  (await listRunEvents({ path: { id }, query: { before, limit: PAGE, ...(kind ? { kind } : {}) } })).data

/** What one run says: its newest page first, then everything after that from the stream, which begins each time where
 *  the list ends. So the list has no holes, whichever way the connection went. Of one kind alone, when asked: then the
 *  server leaves the others out, and the few of a long run are here at once. */
export class RunFeed {
  readonly log = new EventLog<RunEvent>()
  #state: FeedState = { loading: true, error: undefined, older: false, loadingOlder: false, words: undefined }
  #listeners = new Set<() => void>()
  #stop: (() => void) | undefined
  /** How far the line was heard: further than the list, where that leaves something out. */
  #heard = 0
  #gone = false

  constructor(
    private readonly id: string,
    private readonly kind?: EventType,
    private readonly stream: Pick<LiveStream<Frame>, 'watch'> = live,
    private readonly read: Read = readPage,
  ) {}

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
  readonly reach = async (seq: number): Promise<void> => {
    while (!this.#gone && this.#state.older && (this.log.first ?? 0) > seq) {
      const first = this.log.first
      await this.loadOlder()
      if (this.log.first === first) return
    }
  }

  /** Reads the page before the first event. */
  readonly loadOlder = async (): Promise<void> => {
    const before = this.log.first
    if (!this.#state.older || this.#state.loadingOlder || before === undefined) return
    this.#say({ loadingOlder: true })
    try {
      const page = await this.read(this.id, before, this.kind)
      this.log.prepend(page.items)
      this.#say({ loadingOlder: false, older: page.has_more })
    } catch (error) {
      this.#say({ loadingOlder: false, error: toApiError(error, undefined) })
    }
  }

  #say(change: Partial<FeedState>) {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }

  async #begin() {
    this.#say({ loading: this.log.last === 0, error: undefined })
    try {
      if (this.log.last === 0) {
        const page = await this.read(this.id, END, this.kind)
        this.log.append(page.items)
        this.#say({ older: page.has_more })
      }
      this.#say({ loading: false })
    } catch (error) {
      return this.#say({ loading: false, error: toApiError(error, undefined) })
    }
    if (this.#gone || this.#stop) return
    this.#stop = this.stream.watch({
      run: { id: this.id, last: () => Math.max(this.#heard, this.log.last) },
      listener: (frame) => this.#hear(frame),
    })
  }

  #hear(frame: Frame) {
    if (frame.type === 'words') return this.#say({ words: frame })
    if (frame.type !== 'run_event') return
    this.#heard = frame.event.seq
    if (!this.kind || frame.event.type === this.kind) this.log.append([frame.event])
    // What was being said is an event now, or was given up.
    const { type, phase } = frame.event
    if (this.#state.words && type === 'model_call' && phase !== 'started') this.#say({ words: undefined })
  }
}
