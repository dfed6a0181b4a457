import { useSyncExternalStore } from 'react'

/** One ticking clock a rhythm, shared by everything that shows time. */
function clock(every: number) {
  let now = Date.now()
  let timer: ReturnType<typeof setInterval> | undefined
  const listeners = new Set<() => void>()
  const tick = () => {
    if (document.hidden) return
    now = Date.now()
    for (const listener of listeners) listener()
  }
  return {
    subscribe(listener: () => void) {
      listeners.add(listener)
      if (!timer) {
        now = Date.now()
        timer = setInterval(tick, every)
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
    get: () => now,
  }
}

const seconds = clock(1000)
const slow = clock(15_000)
const still = { subscribe: () => () => {}, get: () => 0 }

/** The time, every second while something runs and seldom otherwise. */
export function useNow(rhythm: 'second' | 'slow' | 'never'): number {
  const source = rhythm === 'second' ? seconds : rhythm === 'slow' ? slow : still
  return useSyncExternalStore(source.subscribe, source.get)
}
