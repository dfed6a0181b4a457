import { useQuery } from '@tanstack/react-query'
import { FlaskConical } from 'lucide-react'
import { getChecksOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Run } from '@/api/generated/types.gen'
import { Empty } from '@/components/empty'
import { ProblemCard } from '@/components/problem-card'
import { Scroll } from '@/components/scroll'
import { hasEnded } from '@/components/states'
import { SkeletonRows } from '@/components/ui/skeleton'
import { EvidenceCard } from './evidence-card'
import { VerdictCard } from './verdict-card'

/** What the tests say and what the reviewer says, newest first. */
export default function ChecksTab({ run, onFile }: { run: Run; onFile: (path: string) => void }) {
  const checks = useQuery(getChecksOptions({ path: { id: run.id } }))
  if (checks.error) return <ProblemCard error={checks.error} retry={() => void checks.refetch()} />
  if (!checks.data) return <SkeletonRows label="Loading checks" />
  const { evidence, verdicts } = checks.data
  const all = [
    ...evidence.map((one) => ({ seq: one.seq, evidence: one, verdict: undefined })),
    ...verdicts.map((one) => ({ seq: one.seq, verdict: one, evidence: undefined })),
  ].sort((a, b) => b.seq - a.seq)
  if (all.length === 0)
    return (
      <Empty icon={<FlaskConical />} title={hasEnded(run) ? 'Nothing was tested' : 'Not tested yet'}>
        {hasEnded(run)
          ? 'The run ended before its tests.'
          : 'After the code is written, the tests run on the old and on the new tree, and the difference is shown here.'}
      </Empty>
    )
  return (
    <Scroll label="Checks">
      <div className="mx-auto flex max-w-4xl flex-col gap-4">
        {all.map(({ seq, evidence, verdict }, i) =>
          evidence ? (
            <EvidenceCard key={`e${seq}/${evidence.dir}`} evidence={evidence} open={i < 2} />
          ) : (
            <VerdictCard key={`v${seq}`} verdict={verdict} onFile={onFile} open={i < 2} />
          ),
        )}
      </div>
    </Scroll>
  )
}
