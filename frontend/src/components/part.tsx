import { type ComponentType, lazy, type ReactNode, Suspense, useEffect, useReducer, useState } from 'react'
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

/** A component that is loaded when it is first drawn, or `ahead` of that. */
export type Part<P> = ComponentType<P> & {
  /** Resolves when it has come, and also when it has not: that is told to whoever then draws it. */
  ahead: () => Promise<void>
  /** Whether there is nothing to wait for. */
  isHere: () => boolean
}

/** `React.lazy` keeps a failure for good; this one is asked for again. */
export function part<P extends object>(load: Load<P>): Part<P> {
  let failed: number | undefined
  let here: ComponentType<P> | undefined
  let missed = false
  const keep = (module: { default: ComponentType<P> }) => {
    here = module.default
    return module
  }
  const fresh = () =>
    lazy(() =>
      persistently(load)().then(keep, (error) => {
        failed = attempt
        throw error
      }),
    )
  let Now = fresh()
  function Part(props: P) {
    if (failed !== undefined && failed !== attempt) {
      failed = undefined
      Now = fresh()
    }
    // One and the same for as long as it is on the screen, or what was typed into it would be lost.
    const [Here] = useState(() => here)
    const Shown = Here ?? Now
    return <Shown {...(props as P & Record<string, never>)} />
  }
  return Object.assign(Part, {
    ahead: async () => {
      if (here) return
      missed = await load()
        .then(keep)
        .then(
          () => false,
          () => true,
        )
    },
    isHere: () => here !== undefined || missed,
  })
}

interface WhenHereProps {
  part: Pick<Part<never>, 'ahead' | 'isHere'>
  /** What stands there until it has come. */
  fallback?: ReactNode
  children: ReactNode
}

/** A part that comes with its page. Waited for without `Suspense`, which shows what has come only a third of a second
 *  after it has shown that something is missing. */
export function WhenHere({ part, fallback = null, children }: WhenHereProps) {
  const [, look] = useReducer((looks: number) => looks + 1, 0)
  useEffect(() => {
    if (part.isHere()) return
    let wanted = true
    void part.ahead().then(() => wanted && look())
    return () => {
      wanted = false
    }
  }, [part])
  return part.isHere() ? <Suspense fallback={fallback}>{children}</Suspense> : fallback
}
