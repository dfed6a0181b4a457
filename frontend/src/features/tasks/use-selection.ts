import { useNavigate } from '@tanstack/react-router'
import { useCallback, useState } from 'react'
import type { Task } from '@/api/generated/types.gen'
import { useRows } from '@/components/lists/use-rows'
import { useKeys } from '@/components/use-keys'

/** Which tasks are ticked and which one the keys are at, in the order in which they are on the screen. */
export function useSelection(shown: readonly Task[]) {
  const navigate = useNavigate()
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const current = useRows(shown, (taskId) => void navigate({ to: '/tasks/$taskId', params: { taskId } }))
  const tick = useCallback((id: string, on: boolean) => {
    setTicked((before) => {
      const next = new Set(before)
      if (on) next.add(id)
      else next.delete(id)
      return next
    })
  }, [])
  useKeys([{ keys: 'x', label: 'Select', group: 'Lists', run: () => current && tick(current, !ticked.has(current)) }])
  // What has left the list can not be acted on unseen.
  const chosen = shown.filter(({ id }) => ticked.has(id))
  return { ticked, tick, current, chosen, clear: () => setTicked(new Set()) }
}
