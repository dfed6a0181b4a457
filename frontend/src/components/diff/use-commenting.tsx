import { type PointerEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { type GutterOptions, getChangeKey } from 'react-diff-view'
import { CommentButton } from './comment-button'
import type { Place } from './place'
import { naturalPlace, placeOf, spanOf, type ViewLine, within } from './span'

interface Commenting {
  view: 'unified' | 'split'
  lines: readonly ViewLine[]
  /** Without it nothing can be commented on. */
  onComment: ((place: Place) => void) | undefined
}

/** Lines that are chosen together. */
interface Reach {
  from: number
  to: number
  /** The side that was pointed at, where there are two. */
  side: Place['side'] | undefined
}

/** Choosing lines with the pointer, from where it goes down to where it is let go of. */
function useDrawing({ lines, onComment }: Pick<Commenting, 'lines' | 'onComment'>) {
  const now = useRef<Reach>(undefined)
  const [reach, setReach] = useState<Reach>()
  // The pointer may be let go of anywhere.
  useEffect(() => {
    const letGo = () => {
      const done = now.current
      if (!done) return
      now.current = undefined
      setReach(undefined)
      // On one line it is a press like any other.
      if (done.from !== done.to) onComment?.(spanOf(lines, done.from, done.to, done.side))
    }
    document.addEventListener('pointerup', letGo)
    return () => document.removeEventListener('pointerup', letGo)
  }, [lines, onComment])
  const begin = useCallback((from: number, side: Place['side'] | undefined) => {
    now.current = { from, to: from, side }
  }, [])
  const over = ({ target }: PointerEvent<HTMLElement>) => {
    const begun = now.current
    const key = target instanceof Element && target.closest<HTMLElement>('[data-change-key]')?.dataset.changeKey
    if (!begun || !key) return
    const at = lines.findIndex(({ change }) => getChangeKey(change) === key)
    const to = within(lines, begun.from, at)
    if (at < 0 || to === begun.to) return
    now.current = { ...begun, to }
    setReach(now.current)
  }
  return { reach, begin, over }
}

/** Choosing the line, or the lines, that a comment is about: by pointer and by keyboard. One line at a time has the
 *  button: where the pointer is, or where the arrow keys have gone. */
export function useCommenting({ view, lines, onComment }: Commenting) {
  const [at, setAt] = useState(0)
  const [held, setHeld] = useState<Reach>()
  const { reach, begin, over } = useDrawing({ lines, onComment })
  const last = Math.min(at, lines.length - 1)

  const move = useCallback(
    (by: 1 | -1, extend: boolean) => {
      const next = Math.max(0, Math.min(lines.length - 1, last + by))
      if (!extend) {
        setHeld(undefined)
        return setAt(next)
      }
      const from = held?.from ?? last
      const to = within(lines, from, next)
      setAt(to)
      setHeld({ from, to, side: undefined })
    },
    [lines, last, held],
  )

  // The same one while lines are drawn over: another would draw every line of the file again.
  const gutter = useCallback(
    ({ change, side, inHoverState, renderDefault }: GutterOptions): ReactNode => {
      const here = lines[last]
      // In one column a line has two gutters, and one button is enough.
      const silent = view === 'unified' && side !== naturalPlace(change).side
      const stays = here?.change === change && side === here.place.side
      if (!onComment || silent || !(stays || inHoverState)) return renderDefault()
      const place = held && stays ? spanOf(lines, held.from, held.to) : placeOf(change, side)
      return (
        <CommentButton
          place={place}
          stays={stays}
          onPress={() => {
            setHeld(undefined)
            onComment(place)
          }}
          onMove={move}
          onStop={() => setHeld(undefined)}
          onDraw={() =>
            begin(
              lines.findIndex((line) => line.change === change),
              view === 'split' ? side : undefined,
            )
          }
        />
      )
    },
    [view, lines, last, held, onComment, move, begin],
  )
  const meant = reach ?? held
  return {
    gutter,
    over,
    span: meant && meant.from !== meant.to ? spanOf(lines, meant.from, meant.to, meant.side) : undefined,
  }
}
