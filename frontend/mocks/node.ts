/** The mock in Node: beside Vite while developing, and in front of the built files for browser tests. */

import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

type Answer = (request: Request) => Promise<Response>

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** As strict as the real server, so that tests find what it would refuse. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

export async function serve(answer: Answer, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, String(value))
  const method = incoming.method ?? 'GET'
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? 'localhost'}`)
  const body = ['GET', 'HEAD'].includes(method) ? null : Buffer.concat(chunks)
  const response = await answer(new Request(url, { method, headers, body, signal: gone.signal }))
  outgoing.writeHead(response.status, [...response.headers].flat())
  if (!response.body) return void outgoing.end()
  const reader = response.body.getReader()
  outgoing.on('close', () => void reader.cancel().catch(() => {}))
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
    if (done) break
    outgoing.write(value)
  }
  outgoing.end()
}

/** Answers with a built file, or with the page for every address that is none. */
export function file(dist: string, path: string, outgoing: ServerResponse) {
  const asked = join(dist, normalize(path))
  const found = asked.startsWith(dist) && existsSync(asked) && statSync(asked).isFile()
  const name = found ? asked : join(dist, 'index.html')
  outgoing.writeHead(found || extname(path) === '' ? 200 : 404, {
    'content-type': types[extname(name)] ?? 'application/octet-stream',
    'content-security-policy': policy,
    'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  createReadStream(name).pipe(outgoing)
}

type Handle = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** What is for the mock to answer, and no file. */
export const isAnswered = (path: string): boolean => /^\/(api|mock)\/|^\/readyz$/.test(path)

/** Serves built files and the mock on a free port of this machine. */
export const listen = (dist: string, answer: Answer, at = 0) =>
  open((incoming, outgoing) => {
    const path = new URL(incoming.url ?? '/', 'http://localhost').pathname
    if (isAnswered(path)) void serve(answer, incoming, outgoing)
    else file(dist, path, outgoing)
  }, at)

/** A server of this machine, on a free port if none is named. */
export async function open(handle: Handle, at = 0): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(handle)
  await new Promise<void>((done) => server.listen(at, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>((done) => {
      server.closeAllConnections()
      server.close(() => done())
    })
  return { url: `http://127.0.0.1:${port}`, close }
}
