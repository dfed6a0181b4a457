import { useEffect, useState } from 'react'
import type { HunkData, HunkTokens } from 'react-diff-view'
import { languageOf } from './languages'

let worker: Worker | undefined
let last = 0
const waiting = new Map<number, (tokens: HunkTokens) => void>()

function ask(language: string | undefined, hunks: HunkData[]): Promise<HunkTokens> {
  if (!worker) {
    worker = new Worker(new URL('./highlight.worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<{ id: number; tokens: HunkTokens }>) => {
      waiting.get(data.id)?.(data.tokens)
      waiting.delete(data.id)
    }
  }
  last += 1
  const id = last
  worker.postMessage({ id, language, hunks })
  return new Promise((done) => waiting.set(id, done))
}

/** The colours of a diff, when they are there. The lines are shown without waiting for them. */
export function useTokens(path: string, hunks: HunkData[], wanted: boolean): HunkTokens | undefined {
  const [tokens, setTokens] = useState<HunkTokens>()
  // The work is done elsewhere and may come back after the file was closed.
  useEffect(() => {
    if (!wanted || hunks.length === 0 || typeof Worker === 'undefined') return
    let here = true
    ask(languageOf(path), hunks).then((found) => here && setTokens(found))
    return () => {
      here = false
    }
  }, [path, hunks, wanted])
  return tokens
}
