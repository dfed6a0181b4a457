import { useEffect, useRef } from 'react'

/** Nobody has read what has been there for less than this, in milliseconds. */
const GLANCE = 700

/** Whether a key that decides may act: not while it is held down, and not on what came up a moment ago in the place of
 *  what was decided before. `shown` names what is looked at. */
export function useGlance(shown: string): (event: KeyboardEvent) => boolean {
  const appeared = useRef(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: happens when something else is shown
  useEffect(() => {
    appeared.current = performance.now()
  }, [shown])
  return (event) => !event.repeat && performance.now() - appeared.current >= GLANCE
}
