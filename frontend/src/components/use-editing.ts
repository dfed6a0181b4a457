import { useState } from 'react'
import type { Tagged } from '@/api/tagged'
import { carriedOver } from '@/lib/carried-over'

interface Editing<T, Words> {
  /** The state that one's words are about. */
  begun: Tagged<T>
  words: Words
  /** What somebody else has changed as well. */
  both: (keyof Words)[]
}

const alike = (a: object, b: object) => JSON.stringify(a) === JSON.stringify(b)

/** What somebody types over a state that was read; others may change that meanwhile. */
export function useEditing<T, Words extends object>(read: Tagged<T>, wordsOf: (data: T) => Words) {
  const [editing, setEditing] = useState<Editing<T, Words>>({ begun: read, words: wordsOf(read.data), both: [] })
  const { begun, words, both } = editing
  const [was, is] = [wordsOf(begun.data), wordsOf(read.data)]
  const same = alike(was, is)
  const untouched = alike(was, words)
  // It was read anew, and there is nothing between that and what was typed.
  if (read !== begun && (same || untouched))
    setEditing({ begun: read, words: untouched ? is : words, both: same ? both : [] })
  /** Goes on from a state, with what was typed since `from` on top of it. */
  const goOn = (now: Tagged<T>, from: Words) =>
    setEditing((editing) => ({ begun: now, ...carriedOver(from, wordsOf(now.data), editing.words) }))
  return {
    ...editing,
    untouched,
    change: (change: Partial<Words>) =>
      setEditing((editing) => ({ ...editing, words: { ...editing.words, ...change } })),
    /** Somebody else has made this of it: one's own words are put on top. */
    catchUp: (now: Tagged<T>) => goOn(now, was),
    /** This is what came of words that were sent. */
    saved: (now: Tagged<T>, sent: Words) => goOn(now, sent),
  }
}
