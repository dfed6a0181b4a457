import { Fragment, memo, type ReactNode, useEffect, useMemo, useRef } from 'react'
import { Decoration, Diff, getChangeKey, Hunk, parseDiff } from 'react-diff-view'
import { type Note, settle } from './notes'
import { type Place, placeKey } from './place'
import { isIn, placeOf, type ViewLine, viewLines } from './span'
import { useCommenting } from './use-commenting'
import { useTokens } from './use-tokens'

interface PatchViewProps {
  path: string
  patch: string
  view: 'unified' | 'split'
  /** What stands below lines, by place. */
  widgets?: Record<string, ReactNode>
  /** What is being said about several lines: they are marked. */
  spans?: readonly Place[]
  /** What was said before, to be shown on its lines. */
  notes?: readonly Note[]
  /** The line, as the file is now, that is asked for. */
  line?: number | undefined
  /** Lines can be commented on. */
  onComment?: ((place: Place) => void) | undefined
}

const noNotes: readonly Note[] = []
const noSpans: readonly Place[] = []

/** More changed lines than this are not coloured: it would take longer than reading them. */
const COLOURED = 3000

/** The line that is asked for, or the nearest to it that is part of the change. */
function nearest(lines: readonly ViewLine[], line: number): ViewLine | undefined {
  const away = ({ place }: ViewLine) => Math.abs(place.line - line)
  return lines
    .filter(({ place }) => place.side === 'new')
    .reduce<ViewLine | undefined>((best, one) => (best === undefined || away(one) < away(best) ? one : best), undefined)
}

/** What stands below lines, as the view wants it: by change. Ours is by place, which also says the file's own line. */
function widgetsOf(
  lines: readonly ViewLine[],
  widgets: Record<string, ReactNode>,
  said: ReturnType<typeof settle>['found'],
): Record<string, ReactNode> {
  const found: Record<string, ReactNode> = {}
  for (const { change } of lines) {
    const mine = (['new', 'old'] as const).map((side) => widgets[placeKey(placeOf(change, side))]).find(Boolean)
    const notes = said.get(change)
    if (mine || notes)
      found[getChangeKey(change)] = (
        <div className="flex flex-col gap-2">
          {notes?.map(({ key, node }) => (
            <Fragment key={key}>{node}</Fragment>
          ))}
          {mine}
        </div>
      )
  }
  return found
}

/** One file's patch. Loaded lazily with everything it needs. */
export default memo(function PatchView({
  path,
  patch,
  view,
  widgets = {},
  spans = noSpans,
  notes = noNotes,
  line,
  onComment,
}: PatchViewProps) {
  const file = useMemo(() => parseDiff(patch)[0], [patch])
  const hunks = useMemo(() => file?.hunks ?? [], [file])
  const lines = useMemo(() => viewLines(hunks), [hunks])
  const tokens = useTokens(path, hunks, lines.length <= COLOURED)
  const settled = useMemo(
    () =>
      settle(
        notes,
        lines.map(({ change }) => change),
      ),
    [lines, notes],
  )
  const placed = useMemo(() => widgetsOf(lines, widgets, settled.found), [lines, widgets, settled])
  const { gutter, over, span } = useCommenting({ view, lines, onComment })

  const wanted = useMemo(() => (line === undefined ? undefined : nearest(lines, line)), [lines, line])
  const diff = useRef<HTMLDivElement>(null)
  const wantedKey = wanted && getChangeKey(wanted.change)
  // After it is drawn: a line that is asked for is brought into sight.
  useEffect(() => {
    if (!wantedKey) return
    diff.current?.querySelector(`[data-change-key="${wantedKey}"]`)?.scrollIntoView({ block: 'center' })
  }, [wantedKey])
  const marked = useMemo(() => {
    const places = span ? [...spans, span] : spans
    const keys = lines
      .filter(({ change }) => places.some((place) => isIn(change, place)))
      .map(({ change }) => getChangeKey(change))
    return wantedKey ? [...keys, wantedKey] : keys
  }, [lines, spans, span, wantedKey])

  if (!file || hunks.length === 0)
    return <p className="px-4 py-3 text-sm text-ink-3">No line of this file was changed.</p>
  return (
    <div ref={diff} onPointerOver={over}>
      <Lost notes={settled.lost} />
      <Diff
        viewType={view}
        diffType={file.type}
        hunks={hunks}
        tokens={tokens ?? null}
        widgets={placed}
        selectedChanges={marked}
        renderGutter={gutter}
      >
        {(all) =>
          all.flatMap((hunk) => [
            <Decoration key={`at ${hunk.content}`}>{hunk.content}</Decoration>,
            <Hunk key={hunk.content} hunk={hunk} />,
          ])
        }
      </Diff>
    </div>
  )
})

/** What was said about lines that are not there any more. */
function Lost({ notes }: { notes: readonly Note[] }) {
  if (notes.length === 0) return null
  return (
    <ul aria-label="About lines that have changed since" className="flex flex-col gap-2 border-b border-line p-3">
      {notes.map(({ key, code, node }) => (
        <li key={key} className="flex flex-col gap-1">
          <p className="text-xs text-ink-3">
            This line has changed since: <code className="whitespace-pre-wrap wrap-anywhere">{code.trim()}</code>
          </p>
          {node}
        </li>
      ))}
    </ul>
  )
}
