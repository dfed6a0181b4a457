import { useNavigate } from '@tanstack/react-router'
import { useCallback, useState } from 'react'
import type { Task } from '@/api/generated/types.gen'
import { useKeys } from '@/components/use-keys'

/** Which tasks are ticked and which one the keys are at, in the order in which they are on the screen. */
export function useSelection(shown: readonly Task[]) {
  const navigate = useNavigate()
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const [current, setCurrent] = useState<string>()
  const tick = useCallback((id: string, on: boolean) => {
    setTicked((before) => {
      const next = new Set(before)
      if (on) next.add(id)
      else next.delete(id)
      return next
    })
  }, [])
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
    { keys: 'x', label: 'Select', group: 'Lists', run: () => current && tick(current, !ticked.has(current)) },
    {
      keys: 'o',
      label: 'Open',
      group: 'Lists',
      run: () => current && void navigate({ to: '/tasks/$taskId', params: { taskId: current } }),
    },
  ])
  // What has left the list can not be acted on unseen.
  const chosen = shown.filter(({ id }) => ticked.has(id))
  return { ticked, tick, current, chosen, clear: () => setTicked(new Set()) }
}
