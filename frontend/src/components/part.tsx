import { type ComponentType, lazy } from 'react'
import { serverAnswers } from '@/api/reach'
import { dismiss, toast } from '@/stores/toasts'

type Load<P> = () => Promise<{ default: ComponentType<P> }>

const FIRST_WAIT = 500
const LONGEST_WAIT = 10_000

/** A while, or until the network is back. */
const pause = (ms: number) =>
  new Promise<void>((done) => {
    const over = () => {
      clearTimeout(timer)
      window.removeEventListener('online', over)
      done()
    }
    const timer = setTimeout(over, ms)
    window.addEventListener('online', over)
  })

/** Loads a part of the dashboard, and waits for a server that does not answer: what is on the screen stays meanwhile. A
 *  file that is not there any more, after a deploy, is a failure. */
export function persistently<M>(
  load: () => Promise<M>,
  answers: () => Promise<boolean> = serverAnswers,
  wait: (ms: number) => Promise<void> = pause,
): () => Promise<M> {
  return async () => {
    let told: number | undefined
    try {
      for (let ms = FIRST_WAIT; ; ms = Math.min(ms * 2, LONGEST_WAIT)) {
        try {
          return await load()
        } catch (error) {
          if (await answers()) {
            // It may have come back just now.
            return await load().catch(() => {
              throw error
            })
          }
          told ??= toast('This part of the page is still to be loaded', {
            detail: 'It comes as soon as the server answers.',
          })
          await wait(ms)
        }
      }
    } finally {
      if (told !== undefined) dismiss(told)
    }
  }
}

let attempt = 0

/** Parts that could not be loaded are asked for again when they are drawn next. */
export const tryPartsAgain = (): void => {
  attempt += 1
}

/** A component that is loaded when it is first drawn. `React.lazy` keeps a failure for good; this one is asked for
 *  again. */
export function part<P extends object>(load: Load<P>): ComponentType<P> {
  let failed: number | undefined
  const fresh = () =>
    lazy(() =>
      persistently(load)().catch((error) => {
        failed = attempt
        throw error
      }),
    )
  let Now = fresh()
  return function Part(props: P) {
    if (failed !== undefined && failed !== attempt) {
      failed = undefined
      Now = fresh()
    }
    return <Now {...(props as P & Record<string, never>)} />
  }
}
