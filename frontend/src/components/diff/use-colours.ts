import { useEffect, useState } from 'react'
import type { Coloured } from './highlight.worker'
import { ask, canColour } from './highlighter'
import { languageOf } from './languages'

export type { Coloured }

/** The colours of a file, line by line, when they are there. The lines are shown without waiting for them. */
export function useColours(path: string, text: string, wanted: boolean): Coloured[] | undefined {
  const [found, setFound] = useState<{ of: string; lines: Coloured[] }>()
  const language = languageOf(path)
  // The work is done elsewhere and may come back after the file was closed.
  useEffect(() => {
    if (!wanted || !language || !canColour) return
    let here = true
    ask({ language, text }).then((lines) => here && lines && setFound({ of: text, lines }))
    return () => {
      here = false
    }
  }, [language, text, wanted])
  // Those of another file say nothing about this one.
  return found?.of === text ? found.lines : undefined
}
