import { MessageSquarePlus } from 'lucide-react'
import { type KeyboardEvent, useRef } from 'react'
import { flushSync } from 'react-dom'
import { linesOf, type Place } from './place'

interface CommentButtonProps {
  /** What a press comments on: this line, or the several that were chosen. */
  place: Place
  /** It is the one that the keyboard finds. */
  stays: boolean
  onPress: () => void
  /** Up and down; with Shift, all lines on the way are meant. */
  onMove: (by: 1 | -1, extend: boolean) => void
  /** No more than this line is meant. */
  onStop: () => void
  /** The pointer is down, and may be drawn over other lines. */
  onDraw: () => void
}

/** The way to a comment on a line; up and down lead to the lines beside it. */
export function CommentButton({ place, stays, onPress, onMove, onStop, onDraw }: CommentButtonProps) {
  const button = useRef<HTMLButtonElement>(null)
  const before = place.side === 'old' ? ' (before)' : ''
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && place.start !== undefined) {
      event.preventDefault()
      return onStop()
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    const table = button.current?.closest('table')
    // Drawn at once: a key that is pressed meanwhile must find the button of the line that was reached.
    flushSync(() => onMove(event.key === 'ArrowDown' ? 1 : -1, event.shiftKey))
    table?.querySelector<HTMLElement>('button[data-stays]')?.focus()
  }
  return (
    <button
      ref={button}
      type="button"
      data-stays={stays || undefined}
      tabIndex={stays ? 0 : -1}
      className="absolute inset-x-0 top-1/2 z-10 h-6 min-w-6 -translate-y-1/2 pr-2 text-right text-link"
      aria-label={
        place.start === undefined
          ? `Comment on line ${place.line}${before}`
          : `Comment on lines ${linesOf(place)}${before}`
      }
      title="Draw over several lines, or hold Shift with the arrow keys, to comment on all of them"
      onClick={onPress}
      onKeyDown={keys}
      onPointerDown={(event) => event.button === 0 && onDraw()}
      // Drawing must not select text.
      onMouseDown={(event) => event.preventDefault()}
    >
      <MessageSquarePlus aria-hidden className="ml-auto size-4" />
    </button>
  )
}
