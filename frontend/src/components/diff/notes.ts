import type { ReactNode } from 'react'
import type { ChangeData } from 'react-diff-view'
import type { Place } from './place'

/** Something that was said about a line, which may stand elsewhere by now. */
export interface Note extends Place {
  key: string
  /** The line, or lines, as they were when it was said. */
  code: string
  node: ReactNode
}

/** The number of a line on one of the sides, if it is there. */
export const lineOn = (change: ChangeData, side: Place['side']): number | undefined => {
  if (change.type === 'normal') return side === 'old' ? change.oldLineNumber : change.newLineNumber
  return (change.type === 'delete') === (side === 'old') ? change.lineNumber : undefined
}

/** Where notes belong now: at their line while it still says the same, else where it has moved to. Those whose line is
 *  gone come back as lost. */
export function settle(notes: readonly Note[], changes: readonly ChangeData[]) {
  const found = new Map<ChangeData, Note[]>()
  const lost: Note[] = []
  for (const note of notes) {
    const code = note.code.split('\n').at(-1)?.trim() ?? ''
    const same = changes.filter((change) => lineOn(change, note.side) !== undefined && change.content.trim() === code)
    const away = (change: ChangeData) => Math.abs((lineOn(change, note.side) ?? 0) - note.line)
    const nearest = same.reduce<ChangeData | undefined>(
      (best, change) => (best && away(best) <= away(change) ? best : change),
      undefined,
    )
    if (nearest) found.set(nearest, [...(found.get(nearest) ?? []), note])
    else lost.push(note)
  }
  return { found, lost }
}
