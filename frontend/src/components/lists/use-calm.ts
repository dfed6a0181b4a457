import { useState } from 'react'

export interface Calmed<T> {
  shown: T[]
  /** How many rows would move. */
  waiting: number
  apply: () => void
  over: (inside: boolean) => void
}

/** Keeps rows where they are while the pointer is over them: what is new or moved waits, what changed in place shows. */
export function useCalm<T extends { id: string }>(items: T[]): Calmed<T> {
  const [inside, setInside] = useState(false)
  const [order, setOrder] = useState<string[]>([])
  const ids = items.map(({ id }) => id)
  const same = ids.length === order.length && ids.every((id, i) => id === order[i])
  // A page more at the end moves nothing.
  const grown = ids.length > order.length && order.every((id, i) => id === ids[i])
  if (!same && (!inside || grown || order.length === 0)) {
    setOrder(ids)
    return { shown: items, waiting: 0, apply: () => {}, over: setInside }
  }
  if (same) return { shown: items, waiting: 0, apply: () => {}, over: setInside }
  const byId = new Map(items.map((item) => [item.id, item]))
  const shown = order.flatMap((id) => byId.get(id) ?? [])
  const waiting = ids.filter((id, i) => id !== shown[i]?.id).length
  return { shown, waiting, apply: () => setOrder(ids), over: setInside }
}
