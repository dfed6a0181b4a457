import { useNavigate } from '@tanstack/react-router'
import { RefreshCw } from 'lucide-react'
import { Suspense, useCallback, useState } from 'react'
import type { Task } from '@/api/generated/types.gen'
import { part } from '@/components/part'
import { Button } from '@/components/ui/button'
import { useKeys } from '@/components/use-keys'
import { plural } from '@/lib/numbers'
import { TaskRow } from './task-row'
import { useCalm } from './use-calm'

const BulkBar = part(() => import('./bulk-bar'))

/** Tasks, one below the other; by pointer and by keyboard. */
export function TaskList({ tasks, stale }: { tasks: Task[]; stale: boolean }) {
  const navigate = useNavigate()
  const { shown, waiting, apply, over } = useCalm(tasks)
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
  return (
    <div className="relative" onPointerEnter={() => over(true)} onPointerLeave={() => over(false)}>
      {waiting > 0 && (
        <div className="pointer-events-none sticky top-2 z-20 flex h-0 justify-center">
          <Button size="sm" look="primary" className="pointer-events-auto shadow-float" onClick={apply}>
            <RefreshCw /> {plural(waiting, 'update')}
          </Button>
        </div>
      )}
      <ul aria-label="Tasks" aria-busy={stale} className={stale ? 'opacity-60' : undefined}>
        {shown.map((task) => (
          <TaskRow key={task.id} task={task} ticked={ticked.has(task.id)} current={task.id === current} onTick={tick} />
        ))}
      </ul>
      <Suspense>{chosen.length > 0 && <BulkBar tasks={chosen} onDone={() => setTicked(new Set())} />}</Suspense>
    </div>
  )
}
