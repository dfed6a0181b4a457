import { MessageSquarePlus } from 'lucide-react'
import { Fragment, memo, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { type ChangeData, Decoration, Diff, type GutterOptions, getChangeKey, Hunk, parseDiff } from 'react-diff-view'
import { flushSync } from 'react-dom'
import { type Note, settle } from './notes'
import { type Place, placeKey } from './place'
import { useTokens } from './use-tokens'

interface PatchViewProps {
  path: string
  patch: string
  view: 'unified' | 'split'
  /** What stands below lines, by place. */
  widgets?: Record<string, ReactNode>
  /** What was said before, to be shown on its lines. */
  notes?: readonly Note[]
  /** The line, as the file is now, that is asked for. */
  line?: number | undefined
  /** Lines can be commented on. */
  onComment?: ((place: Place) => void) | undefined
}

function placeOf(change: ChangeData, side: 'old' | 'new'): Place {
  if (change.type === 'insert') return { side: 'new', line: change.lineNumber }
  if (change.type === 'delete') return { side: 'old', line: change.lineNumber }
  return side === 'old' ? { side, line: change.oldLineNumber } : { side: 'new', line: change.newLineNumber }
}

/** The side on which a line still is. */
const naturalPlace = (change: ChangeData): Place => placeOf(change, change.type === 'delete' ? 'old' : 'new')

interface CommentButtonProps {
  place: Place
  /** It is the one that the keyboard finds. */
  stays: boolean
  onPress: () => void
  onMove: (by: 1 | -1) => void
}

/** The way to a comment on a line; up and down lead to the lines beside it. */
function CommentButton({ place, stays, onPress, onMove }: CommentButtonProps) {
  const button = useRef<HTMLButtonElement>(null)
  const move = (by: 1 | -1) => {
    const table = button.current?.closest('table')
    // Drawn at once: a key that is pressed meanwhile must find the button of the line that was reached.
    flushSync(() => onMove(by))
    table?.querySelector<HTMLElement>('button[data-stays]')?.focus()
  }
  return (
    <button
      ref={button}
      type="button"
      data-stays={stays || undefined}
      tabIndex={stays ? 0 : -1}
      className="absolute inset-x-0 top-1/2 z-10 h-6 min-w-6 -translate-y-1/2 pr-2 text-right text-link"
      aria-label={`Comment on line ${place.line}${place.side === 'old' ? ' (before)' : ''}`}
      onClick={onPress}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
        event.preventDefault()
        move(event.key === 'ArrowDown' ? 1 : -1)
      }}
    >
      <MessageSquarePlus aria-hidden className="ml-auto size-4" />
    </button>
  )
}

const none: readonly Note[] = []

/** More changed lines than this are not coloured: it would take longer than reading them. */
const COLOURED = 3000

/** One file's patch. Loaded lazily with everything it needs. */
export default memo(function PatchView({
  path,
  patch,
  view,
  widgets = {},
  notes = none,
  line,
  onComment,
}: PatchViewProps) {
  const file = useMemo(() => parseDiff(patch)[0], [patch])
  const hunks = useMemo(() => file?.hunks ?? [], [file])
  const many = hunks.reduce((sum, hunk) => sum + hunk.changes.length, 0)
  const tokens = useTokens(path, hunks, many <= COLOURED)

  // The view wants its widgets by change; ours are by place, which also says the file's own line.
  const settled = useMemo(
    () =>
      settle(
        notes,
        hunks.flatMap((hunk) => hunk.changes),
      ),
    [hunks, notes],
  )
  const placed = useMemo(() => {
    const found: Record<string, ReactNode> = {}
    for (const change of hunks.flatMap((hunk) => hunk.changes)) {
      const mine = (['new', 'old'] as const).map((side) => widgets[placeKey(placeOf(change, side))]).find(Boolean)
      const said = settled.found.get(change)
      if (mine || said)
        found[getChangeKey(change)] = (
          <div className="flex flex-col gap-2">
            {said?.map(({ key, node }) => (
              <Fragment key={key}>{node}</Fragment>
            ))}
            {mine}
          </div>
        )
    }
    return found
  }, [hunks, widgets, settled])

  // One line at a time has the button: where the pointer is, or where the arrow keys have gone.
  const lines = useMemo(
    () => hunks.flatMap((hunk) => hunk.changes).map((change) => ({ change, place: naturalPlace(change) })),
    [hunks],
  )
  const [at, setAt] = useState(0)
  const here = lines[Math.min(at, lines.length - 1)]
  const gutter = ({ change, side, inHoverState, renderDefault }: GutterOptions) => {
    const place = placeOf(change, side)
    // In one column a line has two gutters, and one button is enough.
    const silent = view === 'unified' && side !== naturalPlace(change).side
    const stays = here?.change === change && side === here.place.side
    if (!onComment || silent || !(stays || inHoverState)) return renderDefault()
    return (
      <CommentButton
        place={place}
        stays={stays}
        onPress={() => onComment(place)}
        onMove={(by) => setAt((before) => Math.max(0, Math.min(lines.length - 1, before + by)))}
      />
    )
  }

  // The line that is asked for, or the nearest to it that is part of the change.
  const wanted = useMemo(() => {
    if (line === undefined) return undefined
    const away = ({ place }: (typeof lines)[number]) => Math.abs(place.line - line)
    const there = lines.filter(({ place }) => place.side === 'new')
    return there.reduce<(typeof lines)[number] | undefined>(
      (best, one) => (best === undefined || away(one) < away(best) ? one : best),
      undefined,
    )
  }, [lines, line])
  const diff = useRef<HTMLDivElement>(null)
  const wantedKey = wanted && getChangeKey(wanted.change)
  useEffect(() => {
    if (!wantedKey) return
    diff.current?.querySelector(`[data-change-key="${wantedKey}"]`)?.scrollIntoView({ block: 'center' })
  }, [wantedKey])

  if (!file || hunks.length === 0)
    return <p className="px-4 py-3 text-sm text-ink-3">No line of this file was changed.</p>
  return (
    <div ref={diff}>
      {settled.lost.length > 0 && (
        <ul aria-label="About lines that have changed since" className="flex flex-col gap-2 border-b border-line p-3">
          {settled.lost.map(({ key, code, node }) => (
            <li key={key} className="flex flex-col gap-1">
              <p className="text-xs text-ink-3">
                This line has changed since: <code className="whitespace-pre-wrap wrap-anywhere">{code.trim()}</code>
              </p>
              {node}
            </li>
          ))}
        </ul>
      )}
      <Diff
        viewType={view}
        diffType={file.type}
        hunks={hunks}
        tokens={tokens ?? null}
        widgets={placed}
        selectedChanges={wantedKey ? [wantedKey] : []}
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
