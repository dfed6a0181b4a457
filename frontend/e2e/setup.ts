import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the dashboard is served. */
    url: string
    /** Whether the mock answers; else it is a real server. */
    mock: boolean
    /** A real server that the tests may stop and start: the program, its arguments and its home. */
    program: { path: string; home: string } | null
  }
}

/** Runs the browser tests against the mock and the built files; or against a server that is there
 *  (CODEGRAPH_E2E_URL); or against a program that is started for them (CODEGRAPH_E2E_BINARY). */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.CODEGRAPH_E2E_URL
  const binary = process.env.CODEGRAPH_E2E_BINARY
  project.provide('mock', !given && !binary)
  project.provide('program', null)
  if (given) {
    project.provide('url', given.replace(/\/$/, ''))
    return async () => {}
  }
  if (binary) {
    const home = mkdtempSync(join(tmpdir(), 'codegraph-e2e-'))
    const { child, url } = await start(binary, home)
    project.provide('url', url)
    project.provide('program', { path: binary, home })
    return async () => void child.kill('SIGTERM')
  }
  const { listen } = await import('../mocks/node')
  const { answer } = await import('../mocks/backend')
  const { url, close } = await listen(new URL('../dist', import.meta.url).pathname, answer)
  project.provide('url', url)
  return close
}

/** Starts the program and waits until it says where it listens. */
export async function start(binary: string, home: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(binary, ['up'], {
    env: { ...process.env, CODEGRAPH_HOME: home, CODEGRAPH_LISTEN: '127.0.0.1:0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) {
    const url = /https?:\/\/[\w.:[\]-]+/.exec(line)?.[0]
    if (url) {
      // Nobody may be left waiting for a full pipe.
      child.stdout.resume()
      return { child, url }
    }
  }
  throw new Error(`${binary} ended without saying where it listens`)
}
