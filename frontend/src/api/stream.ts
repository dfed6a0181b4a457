/** One live connection for the whole tab: what is watched, from where on, and how it stands. */

export type Connection = 'off' | 'connecting' | 'live' | 'waiting' | 'refused'

/** What the server is asked for. */
export interface Wish {
  /** The run whose every event is wanted; without one, only what moves is told. */
  run: string | undefined
  /** The last position of that run that is here already. */
  after: number | undefined
}

export interface Source<Data> extends Wish {
  signal: AbortSignal
  /** Called for every frame, and without one for every beat that only says that the line is alive. */
  heard: (data?: Data) => void
}

/** Resolves when the server has closed the line; rejects with `Refused` when it is no use to ask again. */
export type Connect<Data> = (source: Source<Data>) => Promise<void>

export class Refused extends Error {}

export interface Watcher<Data> {
  listener: (data: Data) => void
  /** A run to follow, and how far it is known already; asked anew at each connection. */
  run?: { id: string; last: () => number }
  /** The line was away for a while and is back: what only it tells of may have been missed. `short` when it was only
   *  exchanged for one about another run. */
  onGap?: (short: boolean) => void
}

const FIRST_WAIT = 500
const LONGEST_WAIT = 15_000
/** Beats come every 15 s; three missing are a dead line. */
const SILENCE = 45_000
/** Changes of what is watched within this time are one change. */
const SETTLE = 30

export class LiveStream<Data> {
  #state: Connection = 'off'
  #since = Date.now()
  #watchers = new Set<Watcher<Data>>()
  /** Those who want to hear also while nobody looks. */
  #awake = new Set<symbol>()
  #stateListeners = new Set<() => void>()
  #line: AbortController | undefined
  #run: string | undefined
  #failures = 0
  /** It was live once, and has been away since: for long, or for as long as it takes to exchange a line. */
  #gap: 'none' | 'short' | 'long' = 'none'
  #timer: ReturnType<typeof setTimeout> | undefined
  #silence: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly connect: Connect<Data>,
    private readonly page: Pick<Document, 'hidden' | 'addEventListener'> = document,
    private readonly jitter: () => number = Math.random,
  ) {
    // A hidden tab holds no connection, if nobody has asked for that: a browser gives a plain-http server six of them for
    // all its tabs together.
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

  /** Listens until the returned function is called. */
  watch(watcher: Watcher<Data>): () => void {
    this.#watchers.add(watcher)
    this.#settle(SETTLE)
    return () => {
      this.#watchers.delete(watcher)
      this.#settle(SETTLE)
    }
  }

  /** Goes on listening while the tab is hidden, until the returned function is called. */
  stayAwake(): () => void {
    const wish = Symbol()
    this.#awake.add(wish)
    this.#settle(0)
    return () => {
      this.#awake.delete(wish)
      this.#settle(0)
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

  /** Begins anew from what is known: for when the server says that something was missed. */
  restart(): void {
    this.#line?.abort()
    this.#line = undefined
    this.#settle(0)
  }

  /** Nobody is there to hear anything. */
  get #rests(): boolean {
    return this.#watchers.size === 0 || (this.page.hidden && this.#awake.size === 0)
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
    if (this.#rests) {
      this.#line?.abort()
      this.#line = undefined
      this.#away('long')
      this.#say('off')
      return
    }
    const wanted = [...this.#watchers].findLast(({ run }) => run)?.run
    if (this.#line && wanted?.id === this.#run && !this.#line.signal.aborted) return
    this.#away(this.#line?.signal.aborted ? 'long' : 'short')
    this.#line?.abort()
    this.#run = wanted?.id
    const line = new AbortController()
    this.#line = line
    if (this.#state !== 'waiting') this.#say('connecting')
    this.#listenForSilence(line)
    const heard = (data?: Data) => this.#heard(line, data)
    this.connect({ run: wanted?.id, after: wanted?.last(), signal: line.signal, heard }).then(
      () => this.#closed(line),
      (error) => this.#closed(line, error),
    )
  }

  /** From here on something may be missed; before the first line there is nothing that was not just read. */
  #away(how: 'short' | 'long') {
    if (this.#state === 'live' && this.#gap !== 'long') this.#gap = how
  }

  #listenForSilence(line: AbortController) {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => line.abort(), SILENCE)
  }

  #heard(line: AbortController, data?: Data) {
    if (line.signal.aborted) return
    this.#listenForSilence(line)
    this.#failures = 0
    this.#say('live')
    const gap = this.#gap
    this.#gap = 'none'
    if (gap !== 'none') for (const { onGap } of this.#watchers) onGap?.(gap === 'short')
    if (data === undefined) return
    // Whoever follows another run hears from the next line.
    for (const { run, listener } of this.#watchers) if (!run || run.id === this.#run) listener(data)
  }

  #closed(line: AbortController, error?: unknown) {
    if (this.#line !== line) return
    this.#line = undefined
    clearTimeout(this.#silence)
    this.#away('long')
    if (error instanceof Refused) return this.#say('refused')
    if (this.#rests) return this.#say('off')
    this.#say('waiting')
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures)
    this.#failures += 1
    this.#settle(wait * (0.5 + this.jitter() / 2))
  }
}
