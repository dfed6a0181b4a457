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
  /** How many would move. */
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
  const stands = ({ id, place }: Held, i: number) => held[i]?.id === id && held[i].place === place
  const same = next.length === held.length && next.every(stands)
  // A page more at the end moves nothing.
  const grown =
    next.length > held.length && held.every((one, i) => next[i]?.id === one.id && next[i].place === one.place)
  const now: Calm<T> = { shown: items, standsIn: placeOf, waiting: 0, apply: () => {}, over: setInside }
  if (same) return now
  if (!inside || grown || held.length === 0) {
    setHeld(next)
    return now
  }
  const byId = new Map(items.map((item) => [item.id, item]))
  const places = new Map(held.map(({ id, place }) => [id, place]))
  return {
    shown: held.flatMap(({ id }) => byId.get(id) ?? []),
    standsIn: (item) => places.get(item.id) ?? placeOf(item),
    waiting: next.filter((one, i) => !stands(one, i)).length,
    apply: () => setHeld(next),
    over: setInside,
  }
}
