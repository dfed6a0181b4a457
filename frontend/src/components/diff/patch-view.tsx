import { MessageSquarePlus } from 'lucide-react'
import { memo, type ReactNode, useMemo } from 'react'
import { type ChangeData, Decoration, Diff, type GutterOptions, getChangeKey, Hunk, parseDiff } from 'react-diff-view'
import { type Place, placeKey } from './place'
import { useTokens } from './use-tokens'

interface PatchViewProps {
  path: string
  patch: string
  view: 'unified' | 'split'
  /** What stands below lines, by place. */
  widgets?: Record<string, ReactNode>
  /** Lines can be commented on. */
  onComment?: ((place: Place, code: string) => void) | undefined
}

function placeOf(change: ChangeData, side: 'old' | 'new'): Place {
  if (change.type === 'insert') return { side: 'new', line: change.lineNumber }
  if (change.type === 'delete') return { side: 'old', line: change.lineNumber }
  return side === 'old' ? { side, line: change.oldLineNumber } : { side: 'new', line: change.newLineNumber }
}

/** More changed lines than this are not coloured: it would take longer than reading them. */
const COLOURED = 3000

/** One file's patch. Loaded lazily with everything it needs. */
export default memo(function PatchView({ path, patch, view, widgets = {}, onComment }: PatchViewProps) {
  const file = useMemo(() => parseDiff(patch)[0], [patch])
  const hunks = useMemo(() => file?.hunks ?? [], [file])
  const many = hunks.reduce((sum, hunk) => sum + hunk.changes.length, 0)
  const tokens = useTokens(path, hunks, many <= COLOURED)

  // The view wants its widgets by change; ours are by place, which also says the file's own line.
  const placed = useMemo(() => {
    const found: Record<string, ReactNode> = {}
    for (const change of hunks.flatMap((hunk) => hunk.changes)) {
      const here = (['new', 'old'] as const).map((side) => widgets[placeKey(placeOf(change, side))]).find(Boolean)
      if (here) found[getChangeKey(change)] = here
    }
    return found
  }, [hunks, widgets])

  const gutter = ({ change, side, renderDefault }: GutterOptions) => {
    const place = placeOf(change, side)
    // In one column a line has two gutters, and one button is enough.
    const silent = view === 'unified' && side !== (change.type === 'delete' ? 'old' : 'new')
    if (!onComment || silent) return renderDefault()
    return (
      <button
        type="button"
        className="group/line relative w-full text-right"
        aria-label={`Comment on line ${place.line}${place.side === 'old' ? ' (before)' : ''}`}
        onClick={() => onComment(place, change.content)}
      >
        <span className="group-hover/line:opacity-0 group-focus-visible/line:opacity-0">{renderDefault()}&#8203;</span>
        <MessageSquarePlus
          aria-hidden
          className="absolute top-0.5 right-0 size-4 text-link opacity-0 group-hover/line:opacity-100 group-focus-visible/line:opacity-100"
        />
      </button>
    )
  }

  if (!file || hunks.length === 0)
    return <p className="px-4 py-3 text-sm text-ink-3">No line of this file was changed.</p>
  return (
    <Diff
      viewType={view}
      diffType={file.type}
      hunks={hunks}
      tokens={tokens ?? null}
      widgets={placed}
      renderGutter={gutter}
    >
      {(all) =>
        all.flatMap((hunk) => [
          <Decoration key={`at ${hunk.content}`}>{hunk.content}</Decoration>,
          <Hunk key={hunk.content} hunk={hunk} />,
        ])
      }
    </Diff>
  )
})
