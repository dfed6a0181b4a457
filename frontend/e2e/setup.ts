import type { TestProject } from 'vitest/node'
import { answer } from '../mocks/backend'
import { listen } from '../mocks/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the built dashboard is served, with the mock behind it. */
    url: string
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, close } = await listen(new URL('../dist', import.meta.url).pathname, answer)
  project.provide('url', url)
  return close
}
