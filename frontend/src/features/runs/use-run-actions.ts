import { useMutation, useQueryClient } from '@tanstack/react-query'
import { cancelRunMutation, pauseRunMutation, resumeRunMutation } from '@/api/generated/@tanstack/react-query.gen'
import { exportRun } from '@/api/generated/sdk.gen'
import type { Run } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { saveAs } from '@/components/save-as'
import { toast } from '@/stores/toasts'

export interface RunActions {
  cancel: () => void
  pause: () => void
  resume: () => void
  /** Hands out all that the run has recorded, as a file. */
  save: () => void
  canceling: boolean
  pausing: boolean
}

/** What is done to a run with one press: shown at once, and taken back with a word when it was refused. What went wrong is
 *  said in a toast, as there is no form to say it in. */
export function useRunActions(run: Run): RunActions {
  const cache = useQueryClient()
  const path = { id: run.id }
  const refused = (error: ApiError) =>
    void toast(error.problem.title, {
      kind: 'bad',
      ...(error.problem.detail ? { detail: error.problem.detail } : {}),
    })
  const told = (ahead: Partial<Run>) => ({
    onMutate: async () => {
      const { showRuns } = await import('@/api/ahead')
      return showRuns(cache, (one) => (one.id === run.id ? { ...one, ...ahead } : one))
    },
    onError: (error: ApiError, _: unknown, back: (() => void) | undefined) => {
      back?.()
      refused(error)
    },
    onSettled: () => void cache.invalidateQueries(),
  })
  const cancel = useMutation({ ...cancelRunMutation(), ...told({ status: 'canceled', actions: [] }) })
  // It pauses at the next good moment; where it goes on, only the server knows.
  const pause = useMutation({ ...pauseRunMutation(), ...told({ pause_requested: true }) })
  const resume = useMutation({ ...resumeRunMutation(), ...told({ pause_requested: false }) })
  const save = useMutation<void, ApiError>({
    mutationFn: async () => {
      const { data } = await exportRun({ path, parseAs: 'blob' })
      saveAs(data as unknown as Blob, `${run.id}.jsonl`)
    },
    onError: refused,
  })
  return {
    save: () => save.mutate(),
    cancel: () => cancel.mutate({ path }),
    pause: () => pause.mutate({ path }),
    resume: () => resume.mutate({ path }),
    canceling: cancel.isPending,
    pausing: pause.isPending || resume.isPending,
  }
}
