import { useMutation } from '@tanstack/react-query'
import { getArtifact } from '@/api/generated/sdk.gen'
import type { ApiError } from '@/api/problem'
import { saveAs } from '@/components/save-as'

/** Says that a text is cut, and hands out the whole of it where that is kept. */
export function Cut({ run, artifact }: { run: string; artifact: string | undefined }) {
  const get = useMutation<Blob, ApiError>({
    mutationFn: async () => (await getArtifact({ path: { id: run, name: artifact ?? '' }, parseAs: 'blob' })).data,
    onSuccess: (whole) => saveAs(whole, `${artifact}.txt`),
  })
  if (!artifact) return <p className="text-xs text-ink-3">Long texts are cut here.</p>
  return (
    <p className="text-xs text-ink-3">
      Long texts are cut here.{' '}
      <button
        type="button"
        className="min-h-6 text-link underline"
        aria-disabled={get.isPending || undefined}
        onClick={() => !get.isPending && get.mutate()}
      >
        Save the whole
      </button>
      {get.error && <span className="ml-2 text-bad">{get.error.message}</span>}
    </p>
  )
}
