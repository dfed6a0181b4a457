import { useState } from 'react'

interface Held {
  id: string
  place: string
}

/** How rows are shown that keep still. */
export interface Calm<T> {
  /** In the order in which they stand on the screen. */
  shown: T[]
  /** In which of several places one stands on the screen, such as a column. */
  standsIn: (item: T) => string
  /** How many are new, or would stand elsewhere. */
  waiting: number
  apply: () => void
  over: (inside: boolean) => void
}

const everywhere = () => ''

/** Keeps rows where they are while the pointer is over them: what is new or moved waits, what changed in place shows. */
export function useCalm<T extends { id: string }>(items: T[], placeOf: (item: T) => string = everywhere): Calm<T> {
  const [inside, setInside] = useState(false)
  const [held, setHeld] = useState<readonly Held[]>([])
  const next = items.map((item) => ({ id: item.id, place: placeOf(item) }))
  const byId = new Map(items.map((item) => [item.id, item]))
  // What has left the list is gone from the screen at once, and no reason to hold anything back.
  const kept = held.filter(({ id }) => byId.has(id))
  const stands = ({ id, place }: Held, i: number) => kept[i]?.id === id && kept[i].place === place
  // A page more at the end moves nothing.
  const grown = kept.every((one, i) => next[i]?.id === one.id && next[i].place === one.place)
  const now: Calm<T> = { shown: items, standsIn: placeOf, waiting: 0, apply: () => {}, over: setInside }
  if (grown && next.length === kept.length && held.length === kept.length) return now
  if (!inside || grown) {
    setHeld(next)
    return now
  }
  const places = new Map(kept.map(({ id, place }) => [id, place]))
  const fresh = next.filter(({ id, place }) => places.get(id) !== place)
  return {
    shown: kept.flatMap(({ id }) => byId.get(id) ?? []),
    standsIn: (item) => places.get(item.id) ?? placeOf(item),
    // New ones, and those that stand elsewhere; where it is only the order, those that are out of it.
    waiting: (fresh.length > 0 ? fresh : next.filter((one, i) => !stands(one, i))).length,
    apply: () => setHeld(next),
    over: setInside,
  }
}
