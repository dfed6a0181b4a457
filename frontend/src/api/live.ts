import { listRunEvents, stream } from './generated/sdk.gen'
import type { Frame } from './generated/types.gen'
import { sessionFetch } from './session'
import { sharing } from './shared-line'
import { type Connect, LiveStream, Refused } from './stream'

/** A server that takes longer than this to answer is as good as away. */
const HANDSHAKE = 10_000
const refusals = new Set([401, 403, 404])

/** Opens the server's stream once. The generated client would try again by itself, and stop for good at a clean end;
 *  trying again is left to `LiveStream`. */
const connect: Connect<Frame> = async ({ run, after, signal, heard }) => {
  // One that is not wanted any more would never be told so.
  signal.throwIfAborted()
  const line = new AbortController()
  const hangUp = () => line.abort()
  signal.addEventListener('abort', hangUp)
  const handshake = setTimeout(hangUp, HANDSHAKE)
  let failure: unknown
  try {
    const { stream: frames } = await stream({
      query: run === undefined ? {} : { run, ...(after === undefined ? {} : { after }) },
      signal: line.signal,
      // The line is there as soon as it is answered; the first word may be a quarter of a minute away.
      fetch: async (input, init) => {
        const response = await sessionFetch(input, init)
        clearTimeout(handshake)
        if (response.ok) heard()
        return response
      },
      sseMaxRetryAttempts: 1,
      onSseError: (error) => {
        failure = error
      },
      onSseEvent: ({ data }) => {
        heard(data as Frame | undefined)
      },
    })
    for await (const _ of frames) {
      // Frames are taken where beats are heard as well, in `onSseEvent`.
    }
  } finally {
    clearTimeout(handshake)
    signal.removeEventListener('abort', hangUp)
  }
  if (failure === undefined) return
  const status = failure instanceof Error ? Number(/SSE failed: (\d+)/.exec(failure.message)?.[1]) : 0
  throw refusals.has(status) ? new Refused() : failure
}

/** The one live connection of this tab, its own or one that it hears from. */
export const live = new LiveStream<Frame>(
  sharing(connect, {
    locks: typeof navigator === 'undefined' ? undefined : navigator.locks,
    channel: () => new BroadcastChannel('codegraph.live'),
    read: async (id, after, signal) =>
      (await listRunEvents({ path: { id }, query: { after, limit: 200 }, signal })).data,
  }),
)
