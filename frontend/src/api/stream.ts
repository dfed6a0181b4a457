/** One live connection for the whole tab: what is watched, from where on, and how it stands. */

export type Connection = 'off' | 'connecting' | 'live' | 'waiting' | 'refused'

export interface Frame<Data> {
  id?: string
  /** Absent in the beats that only say that the line is alive. */
  data?: Data
}

export interface Source<Data> {
  topics: string[]
  /** The id of the last frame that was heard with the same topics. */
  after: string | undefined
  signal: AbortSignal
  /** Called for every frame and every beat. */
  heard: (frame: Frame<Data>) => void
}

/** Resolves when the server has closed the line; rejects with `Refused` when it is no use to ask again. */
export type Connect<Data> = (source: Source<Data>) => Promise<void>

export class Refused extends Error {}

const FIRST_WAIT = 500
const LONGEST_WAIT = 15_000
/** Beats come every 15 s; three missing are a dead line. */
const SILENCE = 45_000
/** A change of topics within this time is one change. */
const SETTLE = 30

interface Watcher<Data> {
  topics: string[]
  listener: (data: Data) => void
  reset?: () => void
}

export class LiveStream<Data> {
  #state: Connection = 'off'
  #since = Date.now()
  #watchers = new Set<Watcher<Data>>()
  #stateListeners = new Set<() => void>()
  #line: AbortController | undefined
  #topics = ''
  #after: string | undefined
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #silence: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly connect: Connect<Data>,
    private readonly page: Pick<Document, 'hidden' | 'addEventListener'> = document,
    private readonly jitter: () => number = Math.random,
  ) {
    // A hidden tab holds no connection: a browser gives a plain-http server six of them for all its tabs together.
    page.addEventListener('visibilitychange', () => this.#settle(0))
    window.addEventListener('online', () => this.#wake())
    window.addEventListener('offline', () => this.#line?.abort())
  }

  get state(): Connection {
    return this.#state
  }

  /** Since when it has been in this state. */
  get since(): number {
    return this.#since
  }

  /** Listens to some topics until the returned function is called. */
  watch(topics: string[], listener: (data: Data) => void): () => void {
    const watcher = { topics, listener }
    this.#watchers.add(watcher)
    this.#settle(SETTLE)
    return () => {
      this.#watchers.delete(watcher)
      this.#settle(SETTLE)
    }
  }

  readonly onState = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  /** Tries again at once. */
  retry(): void {
    this.#failures = 0
    this.#wake()
  }

  #wanted(): string[] {
    return [...new Set([...this.#watchers].flatMap(({ topics }) => topics))].sort()
  }

  #settle(wait: number) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#open(), wait)
  }

  #wake() {
    if (this.#state === 'waiting' || this.#state === 'refused') this.#settle(0)
  }

  #say(state: Connection) {
    if (state === this.#state) return
    this.#state = state
    this.#since = Date.now()
    for (const listener of this.#stateListeners) listener()
  }

  #open() {
    const topics = this.#wanted()
    const key = topics.join(',')
    if (topics.length === 0 || this.page.hidden) {
      this.#line?.abort()
      this.#line = undefined
      this.#say('off')
      return
    }
    if (this.#line && key === this.#topics && !this.#line.signal.aborted) return
    this.#line?.abort()
    this.#topics = key
    const line = new AbortController()
    this.#line = line
    if (this.#state !== 'waiting') this.#say('connecting')
    this.#listenForSilence(line)
    this.connect({ topics, after: this.#after, signal: line.signal, heard: (frame) => this.#heard(line, frame) }).then(
      () => this.#closed(line),
      (error) => this.#closed(line, error),
    )
  }

  #listenForSilence(line: AbortController) {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => line.abort(), SILENCE)
  }

  #heard(line: AbortController, frame: Frame<Data>) {
    if (line.signal.aborted) return
    this.#listenForSilence(line)
    this.#failures = 0
    this.#say('live')
    if (frame.id !== undefined) this.#after = frame.id
    if (frame.data === undefined) return
    for (const watcher of this.#watchers) watcher.listener(frame.data)
  }

  #closed(line: AbortController, error?: unknown) {
    if (this.#line !== line) return
    this.#line = undefined
    clearTimeout(this.#silence)
    if (error instanceof Refused) return this.#say('refused')
    if (this.page.hidden || this.#watchers.size === 0) return this.#say('off')
    this.#say('waiting')
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures)
    this.#failures += 1
    this.#settle(wait * (0.5 + this.jitter() / 2))
  }
}
