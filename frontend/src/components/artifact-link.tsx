import { useMutation } from '@tanstack/react-query'
import { getArtifact } from '@/api/generated/sdk.gen'
import type { ApiError } from '@/api/problem'
import { saveAs } from './save-as'

/** The way to the whole of what is shown in part. */
export function ArtifactLink({
  run,
  name,
  file = `${name}.txt`,
  label,
  children,
}: {
  run: string
  name: string
  /** What it is called when it is kept. */
  file?: string
  /** What it is called where only its own words are heard. */
  label?: string
  children: string
}) {
  const get = useMutation<Blob, ApiError>({
    mutationFn: async () => (await getArtifact({ path: { id: run, name }, parseAs: 'blob' })).data,
    onSuccess: (whole) => saveAs(whole, file),
  })
  return (
    <span className="text-xs">
      <button
        type="button"
        className="min-h-6 text-link underline"
        aria-label={label}
        aria-disabled={get.isPending || undefined}
        onClick={() => !get.isPending && get.mutate()}
      >
        {children}
      </button>
      {get.error && <span className="ml-2 text-bad">{get.error.message}</span>}
    </span>
  )
}
