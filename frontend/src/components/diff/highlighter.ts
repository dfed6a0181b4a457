import type { Answer, Question } from './highlight.worker'

let worker: Worker | undefined
let last = 0
const waiting = new Map<number, (answer: never) => void>()

/** Whether there is anybody to ask. */
export const canColour = typeof Worker !== 'undefined'

/** Asks the highlighter, which works beside the page. */
export function ask<Q extends Question>(question: Q): Promise<Answer<Q>> {
  if (!worker) {
    worker = new Worker(new URL('./highlight.worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<{ id: number; answer: never }>) => {
      waiting.get(data.id)?.(data.answer)
      waiting.delete(data.id)
    }
  }
  last += 1
  const id = last
  worker.postMessage({ id, ...question })
  return new Promise((done) => waiting.set(id, done))
}
