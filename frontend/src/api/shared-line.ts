/** The lines of all tabs together. A browser gives a server on plain HTTP six connections for all its tabs, and a line
 *  takes one for good: with six of them, nothing is answered any more. So there are a few places for lines, and whoever
 *  gets none hears from a tab that has one, and reads what happened in its own run when that moves. */

import type { Frame, RunEventPage } from './generated/types.gen'
import type { Connect, Source } from './stream'

/** Two connections are left for everything else. */
const PLACES = 4

type Word = { type: 'hello' } | { type: 'beat' } | { type: 'lost' } | { type: 'frame'; frame: Frame }

export interface Surroundings {
  /** Missing where the page is not served from a safe origin: then each tab has a line of its own, as before. */
  locks: Pick<LockManager, 'request'> | undefined
  channel: () => Pick<BroadcastChannel, 'postMessage' | 'close'> & { onmessage: ((event: MessageEvent) => void) | null }
  /** What happened in a run after a position. */
  read: (run: string, after: number, signal: AbortSignal) => Promise<RunEventPage>
}

/** What concerns every tab, whichever run the one that heard it follows. */
const isForAll = ({ type }: Frame) => type === 'run_changed' || type === 'notification' || type === 'reset'

/** Takes a lock; resolves with what gives it back, or with nothing when another has it and this would not wait. */
function take(
  locks: Pick<LockManager, 'request'>,
  name: string,
  how: { ifAvailable: true } | { signal: AbortSignal },
): Promise<(() => void) | undefined> {
  return new Promise((done, failed) => {
    locks
      .request(name, how, (lock) => {
        if (!lock) return done(undefined)
        return new Promise<void>((giveBack) => done(giveBack))
      })
      .catch(failed)
  })
}

const names = Array.from({ length: PLACES }, (_, i) => `codegraph.line.${i}`)

/** A place that is free now. */
async function freePlace(locks: Pick<LockManager, 'request'>) {
  for (const name of names) {
    const giveBack = await take(locks, name, { ifAvailable: true })
    if (giveBack) return giveBack
  }
  return undefined
}

/** The first place that becomes free. */
async function nextPlace(locks: Pick<LockManager, 'request'>, signal: AbortSignal) {
  const rest = new AbortController()
  const stop = () => rest.abort()
  signal.addEventListener('abort', stop)
  let got: (() => void) | undefined
  try {
    await Promise.any(
      names.map(async (name) => {
        const giveBack = await take(locks, name, { signal: rest.signal })
        // Two may come at once; one is enough.
        if (got) giveBack?.()
        else got = giveBack
        rest.abort()
      }),
    )
    return got
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Connects through a place for lines, or through a tab that has one. */
export function sharing(direct: Connect<Frame>, { locks, channel, read }: Surroundings): Connect<Frame> {
  if (!locks) return direct

  /** Holds a line, and tells others of what it hears while it is the one who does. */
  const own = async (source: Source<Frame>) => {
    const over = new AbortController()
    const others = channel()
    let leads: (() => void) | undefined
    const say = (word: Word) => leads && others.postMessage(word)
    take(locks, 'codegraph.lead', { signal: over.signal }).then(
      (giveBack) => {
        if (over.signal.aborted) return giveBack?.()
        leads = giveBack
        say({ type: 'beat' })
      },
      () => {},
    )
    others.onmessage = ({ data }) => (data as Word).type === 'hello' && say({ type: 'beat' })
    try {
      await direct({
        ...source,
        heard(frame) {
          source.heard(frame)
          if (frame === undefined) say({ type: 'beat' })
          else if (isForAll(frame)) say({ type: 'frame', frame })
        },
      })
    } finally {
      // A tab that was hidden or goes elsewhere leaves it to the next one.
      if (!source.signal.aborted) say({ type: 'lost' })
      over.abort()
      leads?.()
      others.close()
    }
  }

  /** Hears from others until there is a place; says from where on a line of its own goes on then. */
  const relayed = (source: Source<Frame>): Promise<{ giveBack: () => void; after: number | undefined }> =>
    new Promise((done, failed) => {
      const { run, signal } = source
      const over = new AbortController()
      const others = channel()
      let after = source.after
      let reading = false
      let again = false
      const end = (finish: () => void) => {
        others.close()
        over.abort()
        finish()
      }
      signal.addEventListener('abort', () => end(() => failed(new Error('aborted'))), { once: true })
      const readOn = async () => {
        do {
          again = false
          const page = await read(run ?? '', after ?? 0, over.signal)
          for (const event of page.items) {
            after = event.seq
            source.heard({ type: 'run_event', event })
          }
          again ||= page.has_more
        } while (again && !over.signal.aborted)
      }
      const catchUp = () => {
        if (run === undefined) return
        again = true
        if (reading) return
        reading = true
        readOn()
          // Tried again when it moves the next time.
          .catch(() => {})
          .finally(() => {
            reading = false
          })
      }
      let first = true
      others.onmessage = ({ data }) => {
        const word = data as Word
        if (word.type === 'hello') return
        if (word.type === 'lost') return end(() => failed(new Error('the line of another tab is lost')))
        source.heard(word.type === 'frame' ? word.frame : undefined)
        if (first || (word.type === 'frame' && word.frame.type === 'run_changed' && word.frame.run_id === run))
          catchUp()
        first = false
      }
      others.postMessage({ type: 'hello' } satisfies Word)
      nextPlace(locks, over.signal).then(
        (giveBack) => giveBack && (over.signal.aborted ? giveBack() : end(() => done({ giveBack, after }))),
        () => {},
      )
    })

  return async (source) => {
    const { signal } = source
    let place = await freePlace(locks)
    let after = source.after
    try {
      // It may not be wanted any more: a page asks for what it shows in two steps, one shortly after the other.
      signal.throwIfAborted()
      if (!place) ({ giveBack: place, after } = await relayed(source))
      signal.throwIfAborted()
      await own({ ...source, after })
    } finally {
      place?.()
    }
  }
}
