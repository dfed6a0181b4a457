import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import {
  cancelRunMutation,
  pauseRunMutation,
  resumeRunMutation,
  startRunMutation,
} from '@/api/generated/@tanstack/react-query.gen'
import { exportRun } from '@/api/generated/sdk.gen'
import type { Run } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { saveAs } from '@/components/save-as'
import { toast } from '@/stores/toasts'

export interface RunActions {
  cancel: () => void
  pause: () => void
  resume: () => void
  startAgain: () => void
  /** Hands out all that the run has recorded, as a file. */
  save: () => void
  canceling: boolean
  pausing: boolean
}

/** What is done to a run with one press. What went wrong is said in a toast, as there is no form to say it in. */
export function useRunActions(run: Run): RunActions {
  const cache = useQueryClient()
  const navigate = useNavigate()
  const path = { id: run.id }
  const told = {
    onError: (error: ApiError) =>
      void toast(error.problem.title, {
        kind: 'bad',
        ...(error.problem.detail ? { detail: error.problem.detail } : {}),
      }),
    onSuccess: () => void cache.invalidateQueries(),
  }
  const cancel = useMutation({ ...cancelRunMutation(), ...told })
  const pause = useMutation({ ...pauseRunMutation(), ...told })
  const resume = useMutation({ ...resumeRunMutation(), ...told })
  const start = useMutation({
    ...startRunMutation(),
    ...told,
    onSuccess: (made: Run) => {
      void cache.invalidateQueries()
      void navigate({ to: '/tasks/$taskId', params: { taskId: made.task.id }, search: { run: made.id } })
    },
  })
  const save = useMutation<void, ApiError>({
    mutationFn: async () => {
      const { data } = await exportRun({ path, parseAs: 'blob' })
      saveAs(data as unknown as Blob, `${run.id}.jsonl`)
    },
    onError: told.onError,
  })
  return {
    save: () => save.mutate(),
    cancel: () => cancel.mutate({ path }),
    pause: () => pause.mutate({ path }),
    resume: () => resume.mutate({ path }),
    startAgain: () => start.mutate({ path: { id: run.task.id } }),
    canceling: cancel.isPending,
    pausing: pause.isPending || resume.isPending,
  }
}
