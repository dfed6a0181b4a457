import { useQuery } from '@tanstack/react-query'
import { ChevronRight } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { getFileDiffOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { ChangedFile, PersonReview, Run } from '@/api/generated/types.gen'
import { Counts } from '@/components/counts'
import { linesOf, placeKey } from '@/components/diff/place'
import { part, WhenHere } from '@/components/part'
import { ProblemCard } from '@/components/problem-card'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'
import { CheckField } from '@/components/ui/toggle'
import { cn } from '@/lib/cn'
import { CommentBox } from './comment-box'
import { whyClosed } from './generated'
import { keyOf, type ReviewDraft } from './review-draft'
import { notesOn } from './sent'

const PatchView = part(() => import('@/components/diff/patch-view'))

/** Loads what draws differences, for whoever will show some. */
export const loadDiffs = (): void => void PatchView.ahead()

interface SectionProps {
  run: Run
  entry: ChangedFile
  view: 'unified' | 'split'
  /** Opened from the start, if it is of a size that one reads. */
  open: boolean
  /** Asked for by its name: above 0, and another number when it is asked for again. */
  here: number
  /** The line of it that is asked for. */
  line: number | undefined
  review: ReviewDraft
  reviews: readonly PersonReview[]
  viewed: { has: (path: string) => boolean; set: (path: string, viewed: boolean) => void }
}

/** A file with more changed lines than this is opened on demand. */
const LARGE = 800

/** Lines around a change that are shown with it, its heading among them. */
const AROUND = 7
/** The height of a line, in pixels. */
const LINE = 20

const words: Record<string, string> = {
  added: 'new',
  deleted: 'deleted',
  renamed: 'renamed',
  type_changed: 'another kind of file',
}

/** One file; what it says is fetched when it is opened. */
export function DiffSection({ run, entry, view, open: first, here, line, review, reviews, viewed }: SectionProps) {
  const large = entry.additions + entry.deletions > LARGE
  const closed = entry.binary ? undefined : (whyClosed(entry.path) ?? (large ? 'A large change.' : undefined))
  const seen = viewed.has(entry.path)
  const [open, setOpen] = useState((first && !closed && !entry.binary && !seen) || here > 0)
  const section = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (here === 0) return
    setOpen(true)
    section.current?.scrollIntoView({ block: 'start' })
  }, [here])
  const why = entry.binary ? 'A binary file: there are no lines to compare.' : undefined
  return (
    <li
      ref={section}
      aria-label={entry.path}
      className="scroll-mt-2 rounded-lg border border-line bg-surface [contain-intrinsic-size:auto_12rem] [content-visibility:auto]"
    >
      {/* At the very edge: a header that sticks keeps the padding of what scrolls above it. */}
      <header className="sticky -top-2 z-10 flex flex-wrap items-center gap-2 rounded-t-lg bg-surface px-2 py-1.5 lg:-top-4">
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
          <FileBody run={run} entry={entry} line={line} view={view} review={review} reviews={reviews} />
        ))}
      {!open && closed && !seen && (
        <p className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2 text-sm text-ink-2">
          {closed}
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
  entry,
  line,
  view,
  review,
  reviews,
}: {
  run: Run
  entry: ChangedFile
  line: number | undefined
  view: 'unified' | 'split'
  review: ReviewDraft
  reviews: readonly PersonReview[]
}) {
  const { path } = entry
  const file = useQuery(getFileDiffOptions({ path: { id: run.id }, query: { path } }))
  const notes = useMemo(() => notesOn(path, reviews), [path, reviews])
  if (file.isLoadingError) return <ProblemCard error={file.error} retry={() => void file.refetch()} compact />
  const wait = (
    // About as high as what comes, so that the files below stand where they will.
    <div
      className="flex flex-col gap-2 border-t border-line p-4"
      style={{ minHeight: `${(entry.additions + entry.deletions + AROUND) * LINE}px` }}
    >
      <Skeleton className="h-4 w-2/3" />
      <Skeleton className="h-4 w-1/2" />
    </div>
  )
  if (!file.data) return wait
  // By path and place: the view's own names of lines are the same in every file.
  const begun = review.writing.filter((one) => one.path === path)
  const widgets: Record<string, ReactNode> = {}
  // What is being written counts: it may be about other lines than what stood there.
  const comments = [...begun, ...review.comments.filter((one) => one.path === path)]
  for (const comment of comments) {
    const key = placeKey(comment)
    widgets[key] ??= (
      <CommentBox
        key={key}
        lines={comment.start === undefined ? undefined : linesOf(comment)}
        text={review.comments.find((one) => keyOf(one) === keyOf(comment))?.text ?? ''}
        typed={begun.find((one) => placeKey(one) === key)?.text}
        onType={(text) => review.write({ ...comment, text })}
        onSave={(text) => review.put({ ...comment, text })}
        onStop={() => review.stop(comment)}
        onDrop={() => review.drop(comment)}
      />
    )
  }
  return (
    <div className="overflow-x-auto rounded-b-lg border-t border-line">
      <WhenHere part={PatchView} fallback={wait}>
        <PatchView
          path={path}
          patch={file.data.patch}
          view={view}
          widgets={widgets}
          spans={comments.filter(({ start }) => start !== undefined)}
          notes={notes}
          line={line}
          onComment={(place) => review.write({ ...place, path, text: '' })}
        />
      </WhenHere>
    </div>
  )
}
