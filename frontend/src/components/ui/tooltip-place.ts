export interface Box {
  left: number
  top: number
  width: number
  height: number
}

/** Between a word and what it is about, and to the edges of the window. */
const GAP = 6
const EDGE = 8

const within = (at: number, size: number, room: number) => Math.max(EDGE, Math.min(at, room - EDGE - size))

/** Where a word stands: at the side that was asked for, across from there when there is no room, and never outside. */
export function placed(
  about: Box,
  word: Pick<Box, 'width' | 'height'>,
  side: 'top' | 'right',
  room: { width: number; height: number },
): { left: number; top: number } {
  if (side === 'right') {
    const right = about.left + about.width + GAP
    const fits = right + word.width <= room.width - EDGE
    return {
      left: within(fits ? right : about.left - GAP - word.width, word.width, room.width),
      top: within(about.top + (about.height - word.height) / 2, word.height, room.height),
    }
  }
  const above = about.top - GAP - word.height
  return {
    left: within(about.left + (about.width - word.width) / 2, word.width, room.width),
    top: within(above >= EDGE ? above : about.top + about.height + GAP, word.height, room.height),
  }
}

/** Whether a point is in a box, or as near to it as the gap is wide. */
export const near = ({ left, top, width, height }: Box, x: number, y: number): boolean =>
  x >= left - GAP && x <= left + width + GAP && y >= top - GAP && y <= top + height + GAP
