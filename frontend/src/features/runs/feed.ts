import { listEvents } from '@/api/generated/sdk.gen'
import type { Frame, RunEvent, RunEventPage } from '@/api/generated/types.gen'
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
}

/** Events that one reading brings. */
const PAGE = 500

interface Range {
  after?: number
  before?: number
  limit: number
}
type Read = (id: string, range: Range) => Promise<RunEventPage>

const readPage: Read = async (id, query) => (await listEvents({ path: { id }, query })).data

/** What one run says: its newest page first, then live. Whatever was missed while the line was down is read afterwards,
 *  so the list has no holes whichever way the connection went. */
export class RunFeed {
  readonly log = new EventLog<RunEvent>()
  #state: FeedState = { loading: true, error: undefined, older: false, loadingOlder: false }
  #listeners = new Set<() => void>()
  #stops: (() => void)[] = []
  /** What arrived while something older is still being read. */
  #held: RunEvent[] | undefined = []
  #asking = false

  constructor(
    private readonly id: string,
    private readonly stream: Pick<LiveStream<Frame>, 'watch' | 'onState' | 'state'> = live,
    private readonly read: Read = readPage,
  ) {}

  start(): () => void {
    this.#stops = [
      this.stream.watch([`run:${this.id}`], (frame) => this.#heard(frame)),
      this.stream.onState(() => this.stream.state === 'live' && void this.#catchUp()),
    ]
    void this.#catchUp()
    return () => {
      for (const stop of this.#stops) stop()
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly state = (): FeedState => this.#state

  /** Reads the page before the first event. */
  readonly loadOlder = async (): Promise<void> => {
    const before = this.log.first
    if (!this.#state.older || this.#state.loadingOlder || before === undefined) return
    this.#say({ loadingOlder: true })
    try {
      const page = await this.read(this.id, { before, limit: PAGE })
      this.log.prepend(page.items)
      this.#say({ loadingOlder: false, older: page.has_before })
    } catch (error) {
      this.#say({ loadingOlder: false, error: toApiError(error, undefined) })
    }
  }

  readonly retry = (): void => void this.#catchUp()

  #say(change: Partial<FeedState>) {
    this.#state = { ...this.#state, ...change }
    for (const listener of this.#listeners) listener()
  }

  #heard(frame: Frame) {
    if (frame.type === 'reset') return void this.#catchUp()
    if (frame.type !== 'run_event' || frame.event.run_id !== this.id) return
    if (this.#held) this.#held.push(frame.event)
    else this.log.append([frame.event])
  }

  async #catchUp() {
    if (this.#asking) return
    this.#asking = true
    this.#held ??= []
    try {
      if (this.log.last === 0) {
        const page = await this.read(this.id, { limit: PAGE })
        this.log.append(page.items)
        this.#say({ older: page.has_before })
      } else {
        for (let more = true; more; ) {
          const page = await this.read(this.id, { after: this.log.last, limit: PAGE })
          this.log.append(page.items)
          more = page.has_after && page.items.length > 0
        }
      }
      this.log.append(this.#held)
      this.#held = undefined
      this.#say({ loading: false, error: undefined })
    } catch (error) {
      // What is held stays held: appended now, it would hide what lies before it.
      this.#say({ loading: false, error: toApiError(error, undefined) })
    } finally {
      this.#asking = false
    }
  }
}
