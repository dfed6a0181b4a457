import { useEffect, useState } from 'react'
import type { HunkData, HunkTokens } from 'react-diff-view'
import { ask, canColour } from './highlighter'
import { languageOf } from './languages'

/** The colours of a diff, when they are there. The lines are shown without waiting for them. */
export function useTokens(path: string, hunks: HunkData[], wanted: boolean): HunkTokens | undefined {
  const [tokens, setTokens] = useState<HunkTokens>()
  // The work is done elsewhere and may come back after the file was closed.
  useEffect(() => {
    if (!wanted || hunks.length === 0 || !canColour) return
    let here = true
    ask({ language: languageOf(path), hunks }).then((found) => here && setTokens(found))
    return () => {
      here = false
    }
  }, [path, hunks, wanted])
  return tokens
}
