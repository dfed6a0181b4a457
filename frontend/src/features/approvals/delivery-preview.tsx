import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { getChecksOptions, getDiffOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Run } from '@/api/generated/types.gen'
import { Counts } from '@/components/counts'
import { Inline } from '@/components/inline'
import { ProblemCard } from '@/components/problem-card'
import { Proof } from '@/components/proof'
import { RichText } from '@/components/rich-text'
import { Scroll } from '@/components/scroll'
import { SkeletonRows } from '@/components/ui/skeleton'
import { plural } from '@/lib/numbers'

/** What a delivery comes to: the newest word of tests and review, and the files it changes. */
export function DeliveryPreview({ run }: { run: Run }) {
  const diff = useQuery(getDiffOptions({ path: { id: run.id } }))
  const checks = useQuery(getChecksOptions({ path: { id: run.id } }))
  const failed = (diff.isLoadingError && diff.error) || (checks.isLoadingError && checks.error)
  if (failed) return <ProblemCard error={failed} retry={() => void Promise.all([diff.refetch(), checks.refetch()])} />
  if (!diff.data || !checks.data) return <SkeletonRows label="Loading what would be delivered" />
  const review = checks.data.verdicts.at(-1)?.verdict
  const { files } = diff.data
  return (
    <Scroll label="What would be delivered">
      <div className="flex max-w-3xl flex-col gap-4 text-sm">
        <p className="flex flex-wrap gap-2">
          <Proof checks={checks.data} />
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
