import { useQuery } from '@tanstack/react-query'
import { Check, Columns2, FileDiff, Rows2 } from 'lucide-react'
import { useEffect, useState } from 'react'
import { getDiffOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Run } from '@/api/generated/types.gen'
import { Counts } from '@/components/counts'
import { Empty } from '@/components/empty'
import { FileTree } from '@/components/file-tree'
import { ProblemCard } from '@/components/problem-card'
import { hasEnded } from '@/components/states'
import { Select } from '@/components/ui/input'
import { SkeletonRows } from '@/components/ui/skeleton'
import { Segmented } from '@/components/ui/toggle'
import { count, plural } from '@/lib/numbers'
import { prefer, usePreferences } from '@/stores/preferences'
import { DiffSection, loadDiffs } from './diff-section'
import { ReviewBar, ReviewButton } from './review-bar'
import { useReviewDraft } from './review-draft'
import { SentReviews, useReviews } from './sent'
import { useViewed } from './viewed'

interface ChangesTabProps {
  run: Run
  file: string | undefined
  line: number | undefined
  onFile: (path: string | undefined) => void
}

/** What a run has changed, file by file, and what a person says about it. */
export default function ChangesTab({ run, file, line, onFile }: ChangesTabProps) {
  useEffect(loadDiffs, [])
  const diff = useQuery(getDiffOptions({ path: { id: run.id } }))
  const view = usePreferences((state) => state.diff)
  const review = useReviewDraft(run.id)
  const reviews = useReviews(run.id)
  const viewed = useViewed(run.id)
  // Counts how often a file was asked for: the same one again is a wish to see it again.
  const [asked, setAsked] = useState(1)
  if (diff.isLoadingError) return <ProblemCard error={diff.error} retry={() => void diff.refetch()} />
  // Together: what comes later would push aside what is being read.
  if (!diff.data || !reviews) return <SkeletonRows label="Loading changes" />
  const { files } = diff.data
  if (files.length === 0)
    return (
      <Empty icon={<FileDiff />} title={hasEnded(run) ? 'Nothing was changed' : 'Nothing is changed yet'}>
        {hasEnded(run)
          ? 'The run ended without touching a file.'
          : 'Files show up here as soon as the agent has written them.'}
      </Empty>
    )
  const added = files.reduce((sum, one) => sum + one.additions, 0)
  const removed = files.reduce((sum, one) => sum + one.deletions, 0)
  const go = (path: string) => {
    onFile(path)
    setAsked((before) => before + 1)
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-3 border-b border-line px-4 py-1.5 text-sm lg:px-6">
        <span>
          {plural(files.length, 'file')} <Counts added={added} removed={removed} />
        </span>
        <span className="nums text-xs text-ink-3">
          {count(files.filter(({ path }) => viewed.has(path)).length)} of {files.length} viewed
        </span>
        {diff.data.truncated && (
          <span className="text-xs text-wait">The whole was too large to be kept; some of it is missing.</span>
        )}
        <Select
          aria-label="Go to a file"
          className="max-w-64 lg:hidden"
          value={file ?? ''}
          onChange={(event) => event.target.value && go(event.target.value)}
        >
          <option value="">Go to a file…</option>
          {files.map(({ path }) => (
            <option key={path} value={path}>
              {viewed.has(path) ? '✓ ' : ''}
              {path}
            </option>
          ))}
        </Select>
        <span className="ml-auto">
          <ReviewButton run={run} review={review} />
        </span>
        <span className="max-md:hidden">
          <Segmented
            label="Layout of the diff"
            value={view}
            onChange={(next) => prefer({ diff: next })}
            options={[
              { value: 'unified', label: 'Unified', icon: <Rows2 aria-hidden /> },
              { value: 'split', label: 'Split', icon: <Columns2 aria-hidden /> },
            ]}
          />
        </span>
      </div>
      <div className="flex min-h-0 flex-1">
        <div className="w-64 shrink-0 overflow-y-auto border-r border-line p-2 max-lg:hidden">
          <FileTree
            label="Changed files"
            files={files}
            selected={file}
            onSelect={go}
            row={(one) => (
              <>
                {viewed.has(one.path) && <Check aria-label="viewed" className="size-3.5 text-ok" />}
                <Counts added={one.additions} removed={one.deletions} />
              </>
            )}
          />
        </div>
        <section
          aria-label="Differences"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="min-w-0 flex-1 scroll-pt-12 overflow-y-auto p-2 focus-visible:-outline-offset-2 lg:p-4"
        >
          <SentReviews reviews={reviews} />
          <ol className="flex flex-col gap-3">
            {files.map((entry, i) => (
              <DiffSection
                key={entry.path}
                run={run}
                entry={entry}
                view={view}
                open={i < 20}
                here={entry.path === file ? asked : 0}
                line={entry.path === file ? line : undefined}
                review={review}
                reviews={reviews}
                viewed={viewed}
              />
            ))}
          </ol>
        </section>
      </div>
      <ReviewBar run={run} review={review} />
    </div>
  )
}
