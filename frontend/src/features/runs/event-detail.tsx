import { ArtifactLink } from '@/components/artifact-link'
import { Output } from '@/components/fold'
import type { Look } from './event-looks'

/** What a line holds besides its title; loaded when the first one is opened. */
export default function EventDetail({
  detail,
  cut,
  artifact,
  run,
}: Pick<Look, 'detail' | 'artifact'> & { cut: boolean; run: string }) {
  return (
    <div className="mt-1.5 flex flex-col gap-1.5">
      {detail.map(({ label, text, tone }) => (
        <Output key={label} text={text} label={label} {...(tone ? { tone } : {})} />
      ))}
      {cut && (
        <p className="text-xs text-ink-3">
          Long texts are cut here.{' '}
          {artifact && (
            <ArtifactLink run={run} name={artifact}>
              Save the whole
            </ArtifactLink>
          )}
        </p>
      )}
    </div>
  )
}
