import { useQuery } from '@tanstack/react-query'
import { FlaskConical, LoaderCircle } from 'lucide-react'
import { getChecksOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Run } from '@/api/generated/types.gen'
import { plansOf } from '@/api/whole'
import { Empty } from '@/components/empty'
import { ProblemCard } from '@/components/problem-card'
import { Scroll } from '@/components/scroll'
import { hasEnded } from '@/components/states'
import { SkeletonRows } from '@/components/ui/skeleton'
import { EvidenceCard } from './evidence-card'
import { KeptFiles } from './kept-files'
import { VerdictCard } from './verdict-card'

/** What is being looked at now, by the step of the run; what comes of it shows up by itself. */
const working: Record<string, string> = {
  test: 'The tests are running, on the tree before and on the tree after.',
  review: 'The reviewer reads what was done.',
}

/** What the tests say and what the reviewer says, newest first. */
export default function ChecksTab({ run, onFile }: { run: Run; onFile: (path: string, line?: number) => void }) {
  const checks = useQuery(getChecksOptions({ path: { id: run.id } }))
  const plans = useQuery(plansOf(run.id))
  const plan = plans.data?.items.at(-1)
  const titles = new Map((plan?.decision?.plan ?? plan?.plan)?.items.map(({ id, title }) => [id, title]))
  if (checks.isLoadingError) return <ProblemCard error={checks.error} retry={() => void checks.refetch()} />
  if (!checks.data) return <SkeletonRows label="Loading checks" />
  const { evidence, verdicts } = checks.data
  const underWay = run.status === 'running' ? working[run.step ?? ''] : undefined
  const all = [
    ...evidence.flatMap(({ seq, round, suites }) =>
      suites.map((suite, i) => ({ key: `${seq}/${i}`, seq, round, suite, verdict: undefined })),
    ),
    ...verdicts.map(({ seq, round, verdict }) => ({
      key: String(seq),
      seq,
      round,
      suite: undefined,
      verdict,
    })),
  ].sort((a, b) => b.seq - a.seq)
  return (
    <Scroll label="Checks">
      <div className="mx-auto flex max-w-4xl flex-col gap-4">
        {underWay && (
          <p
            role="status"
            className="flex items-center gap-2 rounded-lg border border-line bg-surface px-4 py-3 text-sm"
          >
            <LoaderCircle aria-hidden className="size-4 animate-spin text-run motion-reduce:animate-none" />
            {underWay}
          </p>
        )}
        {all.length === 0 && !underWay && (
          <Empty icon={<FlaskConical />} title={hasEnded(run) ? 'Nothing was tested' : 'Not tested yet'}>
            {hasEnded(run)
              ? 'The run ended before its tests.'
              : 'After the code is written, the tests run on the old and on the new tree, and the difference is shown here.'}
          </Empty>
        )}
        {all.map(({ key, round, suite, verdict }, i) =>
          suite ? (
            <EvidenceCard key={key} run={run.id} suite={suite} round={round} open={i < 2} />
          ) : (
            <VerdictCard key={key} verdict={verdict} titles={titles} round={round} onFile={onFile} open={i < 2} />
          ),
        )}
        <KeptFiles run={run.id} />
      </div>
    </Scroll>
  )
}
