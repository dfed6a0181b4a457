import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import { updateTaskMutation } from '@/api/generated/@tanstack/react-query.gen'
import { whyNot } from '@/api/me'
import type { ApiError } from '@/api/problem'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { hasEnded } from '@/components/states'
import { Button } from '@/components/ui/button'
import { toast } from '@/stores/toasts'
import { carriedOver, changesOf, type TaskWords, wordsOf } from './edit-changes'
import { EditFields } from './edit-fields'
import type { ReadTask } from './edit-task'

interface EditFormProps {
  /** The state that was read when one began; what comes in meanwhile does not touch it. */
  first: ReadTask
  onClose: () => void
  /** Reads the task as it is now. */
  onRead: () => Promise<ReadTask>
}

export function EditForm({ first, onClose, onRead }: EditFormProps) {
  const me = useMe()
  const cache = useQueryClient()
  const [{ task, tag }, setBegun] = useState(first)
  const [words, setWords] = useState<TaskWords>(wordsOf(task))
  const [both, setBoth] = useState<(keyof TaskWords)[]>([])
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
  const stale = update.error?.status === 412
  const faulty = Object.keys(wrong).length > 0
  const same = Object.keys(body).length === 0
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (same || faulty || stale || update.isPending) return
    update.mutate({ path: { id: task.id }, body, ...(tag ? { headers: { 'If-Match': tag } } : {}) })
  }
  const catchUp = useMutation<ReadTask, ApiError>({
    mutationFn: onRead,
    onSuccess: (now) => {
      const carried = carriedOver(task, now.task, words)
      setBegun(now)
      setWords(carried.words)
      setBoth(carried.both)
      update.reset()
      // The button that was pressed is gone with what it stood in.
      form.current?.querySelector('input')?.focus()
    },
  })
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
        onChange={(change) => setWords({ ...words, ...change })}
        fault={(name, place) => wrong[name] ?? update.error?.field(place)}
      />
      {stale ? (
        <Stale busy={catchUp.isPending} error={catchUp.error} onRead={() => catchUp.mutate()} />
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

/** Nothing was overwritten, and nothing of what one has typed is lost. */
function Stale({ busy, error, onRead }: { busy: boolean; error: ApiError | null; onRead: () => void }) {
  return (
    <div role="alert" className="flex flex-wrap items-center gap-2 rounded-md bg-wait-tint px-3 py-2 text-sm text-wait">
      <span className="min-w-0 flex-1 basis-60">
        Somebody has changed this task since you opened it, so yours was not saved.
        {error && ` ${error.message}`}
      </span>
      <Button size="sm" busy={busy} onClick={onRead}>
        Read it again, and keep my words
      </Button>
    </div>
  )
}
