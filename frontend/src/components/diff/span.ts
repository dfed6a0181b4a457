import type { ChangeData, HunkData } from 'react-diff-view'
import { lineOn } from './notes'
import type { Place } from './place'

/** The line of a change on one of the sides; one that is not there is on the other. */
export function placeOf(change: ChangeData, side: Place['side']): Place {
  if (change.type === 'insert') return { side: 'new', line: change.lineNumber }
  if (change.type === 'delete') return { side: 'old', line: change.lineNumber }
  return side === 'old' ? { side, line: change.oldLineNumber } : { side: 'new', line: change.newLineNumber }
}

/** The side on which a line still is. */
export const naturalPlace = (change: ChangeData): Place => placeOf(change, change.type === 'delete' ? 'old' : 'new')

/** A line of the view, counted through all hunks. */
export interface ViewLine {
  change: ChangeData
  place: Place
  /** The first and the last line of its hunk: what is said about several lines is said about lines that one sees. */
  first: number
  last: number
}

export function viewLines(hunks: readonly HunkData[]): ViewLine[] {
  let first = 0
  return hunks.flatMap(({ changes }) => {
    const from = first
    first += changes.length
    return changes.map((change) => ({ change, place: naturalPlace(change), first: from, last: first - 1 }))
  })
}

/** How far a span that begins at one line may reach towards another. */
export const within = (lines: readonly ViewLine[], from: number, to: number): number =>
  Math.max(lines[from]?.first ?? to, Math.min(lines[from]?.last ?? to, to))

/** Several lines as one place. A comment is about one of the two files: the one after, unless all of them are gone from
 *  it or the other was pointed at. */
export function spanOf(lines: readonly ViewLine[], from: number, to: number, pointed?: Place['side']): Place {
  const end = within(lines, from, to)
  const part = lines.slice(Math.min(from, end), Math.max(from, end) + 1).map(({ change }) => change)
  const on = (side: Place['side']) => part.flatMap((change) => lineOn(change, side) ?? [])
  const usual = part.every(({ type }) => type === 'delete') ? 'old' : 'new'
  const side = pointed && on(pointed).length > 0 ? pointed : usual
  const [start, line] = [Math.min(...on(side)), Math.max(...on(side))]
  return start === line ? { side, line } : { side, line, start }
}

/** Whether a line is one of those that a place is about. */
export function isIn(change: ChangeData, { side, line, start = line }: Place): boolean {
  const here = lineOn(change, side)
  return here !== undefined && here >= start && here <= line
}
