/** A place in a file, on one of its two sides: a line, or several. */
export interface Place {
  side: 'old' | 'new'
  /** The line, or the last of several. */
  line: number
  /** The first of several. */
  start?: number
}

/** By where it stands: below its last line. */
export const placeKey = ({ side, line }: Place): string => `${side}:${line}`

/** `9`, or `7–9`. */
export const linesOf = ({ start, line }: Pick<Place, 'start' | 'line'>): string =>
  start === undefined ? String(line) : `${start}–${line}`
