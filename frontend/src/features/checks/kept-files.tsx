import { useQuery } from '@tanstack/react-query'
import { artifactsOf, stepsOf } from '@/api/whole'
import { ArtifactLink } from '@/components/artifact-link'
import { ProblemCard } from '@/components/problem-card'
import { Table, Td, Th } from '@/components/ui/table'
import { RelativeTime } from '@/components/values'
import { bytes, plural } from '@/lib/numbers'
import { Card } from './card'
import { keptAs } from './kept'

/** Logs, differences and whole outputs that a run keeps, to be saved. */
export function KeptFiles({ run }: { run: string }) {
  const kept = useQuery(artifactsOf(run))
  const steps = useQuery(stepsOf(run))
  if (kept.isLoadingError) return <ProblemCard error={kept.error} retry={() => void kept.refetch()} compact />
  const items = kept.data?.items ?? []
  if (items.length === 0) return null
  const size = items.reduce((sum, { size_bytes }) => sum + size_bytes, 0)
  return (
    <Card
      head={
        <>
          <span className="font-medium">Files it keeps</span>
          <span className="nums ml-auto text-xs text-ink-3">
            {plural(items.length, 'file')} · {bytes(size)}
          </span>
        </>
      }
    >
      <div className="border-t border-line">
        <Table label="Files it keeps">
          <thead>
            <tr>
              <Th>What</Th>
              <Th>Step</Th>
              <Th right>Size</Th>
              <Th right className="max-sm:hidden">
                Kept
              </Th>
              <Th>
                <span className="sr-only">Save</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {items.map((one) => {
              const { what, of, file } = keptAs(one, steps.data?.items ?? [])
              return (
                <tr key={one.name} className="last:[&>td]:border-b-0">
                  <Td>{what}</Td>
                  <Td className="text-ink-2">{of}</Td>
                  <Td right>{bytes(one.size_bytes)}</Td>
                  <Td right className="text-ink-3 max-sm:hidden">
                    <RelativeTime at={one.created_at} />
                  </Td>
                  <Td right>
                    <ArtifactLink run={run} name={one.name} file={file} label={`Save ${file}`}>
                      Save
                    </ArtifactLink>
                  </Td>
                </tr>
              )
            })}
          </tbody>
        </Table>
      </div>
    </Card>
  )
}
