import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleHelp, CircleX } from 'lucide-react'
import type { ReactNode } from 'react'
import { getChecksOptions, getDiffOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Run, TestVerdict, VerdictWord } from '@/api/generated/types.gen'
import { Counts } from '@/components/counts'
import { Inline } from '@/components/inline'
import { ProblemCard } from '@/components/problem-card'
import { RichText } from '@/components/rich-text'
import { Scroll } from '@/components/scroll'
import { Badge, type Tone } from '@/components/ui/badge'
import { SkeletonRows } from '@/components/ui/skeleton'
import { plural } from '@/lib/numbers'

const tests: Record<TestVerdict, { word: string; tone: Tone; icon: ReactNode }> = {
  green: { word: 'Tests pass', tone: 'ok', icon: <CircleCheck aria-hidden /> },
  failing: { word: 'Tests fail', tone: 'bad', icon: <CircleX aria-hidden /> },
  not_run: { word: 'Tests say nothing', tone: 'wait', icon: <CircleHelp aria-hidden /> },
}
const verdicts: Record<VerdictWord, { word: string; tone: Tone }> = {
  approve: { word: 'Review approves', tone: 'ok' },
  request_changes: { word: 'Review asks for changes', tone: 'wait' },
  reject: { word: 'Review rejects', tone: 'bad' },
  needs_human: { word: 'Review wants a person', tone: 'wait' },
}

/** What a delivery comes to: the newest word of tests and review, and the files it changes. */
export function DeliveryPreview({ run }: { run: Run }) {
  const diff = useQuery(getDiffOptions({ path: { id: run.id } }))
  const checks = useQuery(getChecksOptions({ path: { id: run.id } }))
  const failed = (diff.isLoadingError && diff.error) || (checks.isLoadingError && checks.error)
  if (failed) return <ProblemCard error={failed} retry={() => void Promise.all([diff.refetch(), checks.refetch()])} />
  if (!diff.data || !checks.data) return <SkeletonRows label="Loading what would be delivered" />
  const suites = checks.data.evidence.at(-1)?.suites ?? []
  const review = checks.data.verdicts.at(-1)?.verdict
  const { files } = diff.data
  return (
    <Scroll label="What would be delivered">
      <div className="flex max-w-3xl flex-col gap-4 text-sm">
        <p className="flex flex-wrap gap-2">
          {suites.map(({ verdict, framework, dir }) => (
            <Badge key={`${framework} ${dir}`} tone={tests[verdict].tone} icon={tests[verdict].icon}>
              {tests[verdict].word} ({framework})
            </Badge>
          ))}
          {suites.length === 0 && <Badge>Nothing was tested</Badge>}
          {review && <Badge tone={verdicts[review.verdict].tone}>{verdicts[review.verdict].word}</Badge>}
        </p>
        {review?.summary && <RichText text={review.summary} />}
        {review && review.findings.length > 0 && (
          <ul aria-label="Findings" className="list-disc pl-5">
            {review.findings.map(({ id, title, severity }) => (
              <li key={id}>
                <Inline text={title} /> <span className="text-ink-3">({severity})</span>
              </li>
            ))}
          </ul>
        )}
        <section aria-label="Changed files">
          <h3 className="mb-1 font-medium">{plural(files.length, 'changed file')}</h3>
          <ul className="divide-y divide-line rounded-md border border-line bg-surface">
            {files.map(({ path, additions, deletions }) => (
              <li key={path} className="flex min-h-8 items-center gap-3 px-3">
                <Link
                  to="/tasks/$taskId"
                  params={{ taskId: run.task.id }}
                  search={{ run: run.id, tab: 'changes', file: path }}
                  className="min-w-0 flex-1 truncate font-mono text-xs text-link"
                >
                  {path}
                </Link>
                <Counts added={additions} removed={deletions} />
              </li>
            ))}
          </ul>
        </section>
      </div>
    </Scroll>
  )
}
