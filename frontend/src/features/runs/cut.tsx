import { ArtifactLink } from '@/components/artifact-link'

/** Says that a text is cut, and hands out the whole of it where that is kept. */
export function Cut({ run, artifact }: { run: string; artifact: string | undefined }) {
  return (
    <p className="text-xs text-ink-3">
      Long texts are cut here.{' '}
      {artifact && (
        <ArtifactLink run={run} name={artifact}>
          Save the whole
        </ArtifactLink>
      )}
    </p>
  )
}
