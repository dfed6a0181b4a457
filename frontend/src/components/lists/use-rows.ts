import { useState } from 'react'
import { useKeys } from '@/components/use-keys'

/** Goes through rows by keyboard, in the order in which they are on the screen: a row has `data-row` and a link. */
export function useRows(shown: readonly { id: string }[], open: (id: string) => void): string | undefined {
  const [current, setCurrent] = useState<string>()
  const move = (by: 1 | -1) => {
    const at = shown.findIndex(({ id }) => id === current)
    const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by))]
    if (!next) return
    setCurrent(next.id)
    document.querySelector<HTMLElement>(`[data-row="${next.id}"] a`)?.focus()
  }
  useKeys([
    { keys: 'j', label: 'Next', group: 'Lists', run: () => move(1) },
    { keys: 'k', label: 'Previous', group: 'Lists', run: () => move(-1) },
    { keys: 'o', label: 'Open', group: 'Lists', run: () => current && open(current) },
  ])
  return current
}
