import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef } from 'react'
import { updateTaskMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Task } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { ifStill, isStale, type Tagged } from '@/api/tagged'
import { ChangedMeanwhile } from '@/components/changed-meanwhile'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { hasEnded } from '@/components/states'
import { Button } from '@/components/ui/button'
import { useEditing } from '@/components/use-editing'
import { toast } from '@/stores/toasts'
import { changesOf, wordsOf } from './edit-changes'
import { EditFields } from './edit-fields'

interface EditFormProps {
  /** As it was read last; what comes in meanwhile does not touch what was typed. */
  read: Tagged<Task>
  onClose: () => void
  /** Reads the task as it is now. */
  onRead: () => Promise<Tagged<Task>>
}

export function EditForm({ read, onClose, onRead }: EditFormProps) {
  const me = useMe()
  const cache = useQueryClient()
  const { begun, words, both, change, catchUp } = useEditing(read, wordsOf)
  const task = begun.data
  const { body, wrong } = changesOf(task, words)
  const update = useMutation({
    ...updateTaskMutation(),
    onSuccess: () => {
      toast('The task is changed', { kind: 'ok' })
      void cache.invalidateQueries()
      onClose()
    },
  })
  const form = useRef<HTMLFormElement>(null)
  const stale = isStale(update.error)
  const faulty = Object.keys(wrong).length > 0
  const same = Object.keys(body).length === 0
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (same || faulty || stale || update.isPending) return
    update.mutate({ path: { id: task.id }, body, ...ifStill(begun) })
  }
  const goOn = (now: Tagged<Task>) => {
    catchUp(now)
    update.reset()
    // The button that was pressed is gone with what it stood in.
    form.current?.querySelector('input')?.focus()
  }
  const running = task.attempts > 0 && !hasEnded(task)
  return (
    <form
      ref={form}
      onSubmit={send}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) send(event)
      }}
      className="flex flex-col gap-4"
    >
      {running && (
        <p className="rounded-md bg-run-tint px-3 py-2 text-sm text-run">
          A run is under way. It goes on with what it was told; what you change holds from the next run on.
        </p>
      )}
      <EditFields
        task={task}
        words={words}
        both={both}
        onChange={change}
        fault={(name, place) => wrong[name] ?? update.error?.field(place)}
      />
      {stale ? (
        <ChangedMeanwhile of="task" onRead={onRead} onGoOn={goOn} />
      ) : (
        <FormProblem error={update.error} shown={['title', 'description', 'budget_usd_micros']} />
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Close</Button>
        <Button
          type="submit"
          look="primary"
          busy={update.isPending}
          why={
            whyNot(me, 'work') ||
            (stale && 'Read first what it says now') ||
            (same && !faulty && 'Nothing is changed yet')
          }
          keys="mod+enter"
        >
          Save
        </Button>
      </div>
    </form>
  )
}
