import { useQuery } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'
import { Suspense, useMemo, useState } from 'react'
import { getFileDiffOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { ChangedFile, PersonReview, Run } from '@/api/generated/types.gen'
import { type Place, placeKey } from '@/components/diff/place'
import { part } from '@/components/part'
import { ProblemCard } from '@/components/problem-card'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { CheckField } from '@/components/ui/toggle'
import { cn } from '@/lib/cn'
import { CommentBox } from './comment-box'
import { Counts } from './counts'
import type { ReviewDraft } from './review-draft'
import { notesOn } from './sent'

const PatchView = part(() => import('@/components/diff/patch-view'))

interface SectionProps {
  run: Run
  entry: ChangedFile
  view: 'unified' | 'split'
  /** Opened from the start, if it is of a size that one reads. */
  open: boolean
  here: boolean
  review: ReviewDraft
  reviews: readonly PersonReview[]
  viewed: { has: (path: string) => boolean; set: (path: string, viewed: boolean) => void }
}

/** A file with more changed lines than this is opened on demand. */
const LARGE = 800

const words: Record<string, string> = {
  added: 'new',
  deleted: 'deleted',
  renamed: 'renamed',
  type_changed: 'another kind of file',
}

/** One file; what it says is fetched when it is opened. */
export function DiffSection({ run, entry, view, open: first, here, review, reviews, viewed }: SectionProps) {
  const large = entry.additions + entry.deletions > LARGE
  const seen = viewed.has(entry.path)
  const [open, setOpen] = useState((first && !large && !entry.binary && !seen) || here)
  const why = entry.binary ? 'A binary file: there are no lines to compare.' : undefined
  return (
    <li
      id={`file-${entry.path}`}
      className="scroll-mt-2 rounded-lg border border-line bg-surface [contain-intrinsic-size:auto_12rem] [content-visibility:auto]"
    >
      <header className="sticky top-0 z-10 flex flex-wrap items-center gap-2 rounded-t-lg bg-surface px-2 py-1.5">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="flex min-w-0 flex-1 items-center gap-1 text-left text-sm"
        >
          <ChevronRight
            aria-hidden
            className={cn('size-4 shrink-0 text-ink-3 transition-transform', open && 'rotate-90')}
          />
          <span className="min-w-0 font-mono text-xs wrap-anywhere">
            {entry.old_path && entry.old_path !== entry.path && <span className="text-ink-3">{entry.old_path} → </span>}
            {entry.path}
          </span>
          {words[entry.status] && <Badge size="sm">{words[entry.status]}</Badge>}
        </button>
        <Counts added={entry.additions} removed={entry.deletions} />
        <CheckField
          label="Viewed"
          aria-label={`Viewed ${entry.path}`}
          checked={seen}
          onChange={(event) => {
            viewed.set(entry.path, event.target.checked)
            setOpen(!event.target.checked)
          }}
        />
      </header>
      {open &&
        (why ? (
          <p className="border-t border-line px-4 py-3 text-sm text-ink-2">{why}</p>
        ) : (
          <FileBody run={run} path={entry.path} view={view} review={review} reviews={reviews} />
        ))}
      {!open && large && (
        <p className="flex items-center gap-2 border-t border-line px-4 py-2 text-sm text-ink-2">
          A large change.
          <Button size="sm" onClick={() => setOpen(true)}>
            Show it
          </Button>
        </p>
      )}
    </li>
  )
}

function FileBody({
  run,
  path,
  view,
  review,
  reviews,
}: {
  run: Run
  path: string
  view: 'unified' | 'split'
  review: ReviewDraft
  reviews: readonly PersonReview[]
}) {
  const file = useQuery(getFileDiffOptions({ path: { id: run.id }, query: { path } }))
  const [writing, setWriting] = useState<Place>()
  const notes = useMemo(() => notesOn(path, reviews), [path, reviews])
  if (file.isLoadingError) return <ProblemCard error={file.error} retry={() => void file.refetch()} compact />
  const wait = (
    <div className="flex flex-col gap-2 border-t border-line p-4">
      <Skeleton className="h-4 w-2/3" />
      <Skeleton className="h-4 w-1/2" />
    </div>
  )
  if (!file.data) return wait
  // By path and place: the view's own names of lines are the same in every file.
  const mine = review.comments.filter((comment) => comment.path === path)
  const widgets = Object.fromEntries(
    mine.map((comment) => [
      placeKey(comment),
      <CommentBox
        key={placeKey(comment)}
        text={comment.text}
        onSave={(text) => review.put({ ...comment, text })}
        onDrop={() => review.drop(comment)}
      />,
    ]),
  )
  if (writing && !widgets[placeKey(writing)])
    widgets[placeKey(writing)] = (
      <CommentBox
        text=""
        onSave={(text) => {
          review.put({ path, side: writing.side, line: writing.line, text })
          setWriting(undefined)
        }}
        onDrop={() => setWriting(undefined)}
      />
    )
  return (
    <div className="overflow-x-auto rounded-b-lg border-t border-line">
      <Suspense fallback={wait}>
        <PatchView
          path={path}
          patch={file.data.patch}
          view={view}
          widgets={widgets}
          notes={notes}
          onComment={setWriting}
        />
      </Suspense>
    </div>
  )
}
