import { useMutation } from '@tanstack/react-query'
import type { ApiError } from '@/api/problem'
import type { Tagged } from '@/api/tagged'
import { Button } from './ui/button'

interface ChangedMeanwhileProps<T> {
  /** What it is: `task`. */
  of: string
  /** Reads it as it is now. */
  onRead: () => Promise<Tagged<T>>
  /** Goes on from there. */
  onGoOn: (now: Tagged<T>) => void
}

/** Nothing was overwritten, and nothing of what one has typed is lost. */
export function ChangedMeanwhile<T>({ of, onRead, onGoOn }: ChangedMeanwhileProps<T>) {
  const read = useMutation<Tagged<T>, ApiError>({ mutationFn: onRead, onSuccess: onGoOn })
  return (
    <div role="alert" className="flex flex-wrap items-center gap-2 rounded-md bg-wait-tint px-3 py-2 text-sm text-wait">
      <span className="min-w-0 flex-1 basis-60">
        Somebody has changed this {of} since you opened it, so yours was not saved.
        {read.error && ` ${read.error.message}`}
      </span>
      <Button size="sm" busy={read.isPending} onClick={() => read.mutate()}>
        Read it again, and keep my words
      </Button>
    </div>
  )
}
