import { parseDiff } from 'react-diff-view'
import { describe, expect, it } from 'vitest'
import { isIn, spanOf, viewLines } from './span'

const [file] = parseDiff(`diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,4 +1,5 @@
 one
-two
-three
+TWO
+THREE
+more
 four
@@ -20,2 +21,2 @@
 twenty
-last
+LAST
`)
const lines = viewLines(file?.hunks ?? [])
/** Lines of the view: 0 one, 1 -two, 2 -three, 3 TWO, 4 THREE, 5 more, 6 four, 7 twenty, 8 -last, 9 LAST. */

describe('several lines of a diff', () => {
  it('are lines of the file after, in whichever direction they were chosen', () => {
    expect(spanOf(lines, 3, 5)).toEqual({ side: 'new', start: 2, line: 4 })
    expect(spanOf(lines, 5, 3)).toEqual({ side: 'new', start: 2, line: 4 })
    // What is gone is not among them.
    expect(spanOf(lines, 0, 3)).toEqual({ side: 'new', start: 1, line: 2 })
  })

  it('are lines of the file before when they are gone, or when its side was pointed at', () => {
    expect(spanOf(lines, 1, 2)).toEqual({ side: 'old', start: 2, line: 3 })
    expect(spanOf(lines, 0, 6, 'old')).toEqual({ side: 'old', start: 1, line: 4 })
    expect(spanOf(lines, 3, 4, 'old')).toEqual({ side: 'new', start: 2, line: 3 })
  })

  it('are one line when it is only one, and reach no further than what is shown together', () => {
    expect(spanOf(lines, 4, 4)).toEqual({ side: 'new', line: 3 })
    expect(spanOf(lines, 5, 9)).toEqual({ side: 'new', start: 4, line: 5 })
    expect(spanOf(lines, 9, 2)).toEqual({ side: 'new', start: 21, line: 22 })
  })

  it('are told from others', () => {
    const inside = lines.map(({ change }) => isIn(change, { side: 'new', start: 2, line: 3 }))
    expect(inside).toEqual([false, false, false, true, true, false, false, false, false, false])
  })
})
