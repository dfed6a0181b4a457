import { useState } from 'react'
import { useKeys } from '@/components/use-keys'

/** Keys that lead through the rows of a list; each row says with `data-row` whose it is, and holds a link that has the
 *  focus then. Answers the row where they are. */
export function useRows(shown: readonly { id: string }[]): string | undefined {
  const [current, setCurrent] = useState<string>()
  const linkOf = (id: string | undefined) => document.querySelector<HTMLElement>(`[data-row="${id}"] :is(a, button)`)
  const move = (by: 1 | -1) => {
    const at = shown.findIndex(({ id }) => id === current)
    const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by))]
    if (!next) return
    setCurrent(next.id)
    linkOf(next.id)?.focus()
  }
  useKeys([
    { keys: 'j', label: 'Next', group: 'Lists', run: () => move(1) },
    { keys: 'k', label: 'Previous', group: 'Lists', run: () => move(-1) },
    { keys: 'o', label: 'Open', group: 'Lists', run: () => linkOf(current)?.click() },
  ])
  return shown.some(({ id }) => id === current) ? current : undefined
}
