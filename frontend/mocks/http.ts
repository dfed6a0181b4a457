/** A small HTTP server in the shape of `fetch`: a request in, an answer out. The same for Node, Vite and tests. */

import type { Problem } from '../src/api/generated/types.gen'

export interface Call {
  request: Request
  url: URL
  /** The parts of the path that have a name. */
  path: Record<string, string>
  query: URLSearchParams
  json: <Body>() => Promise<Body>
}

type Answer = object | undefined | Response
type Handler = (call: Call) => Answer | Promise<Answer>

/** What a handler throws to answer with a problem. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly more: Partial<Problem> = {},
  ) {
    super(title)
  }
}

let requests = 0

export function problem({ status, title, more }: Refusal): Response {
  requests += 1
  const body: Problem = { type: 'about:blank', title, status, request_id: `mock-${requests}`, ...more }
  return Response.json(body, { status, headers: { 'content-type': 'application/problem+json' } })
}

export class Routes {
  #routes: { method: string; pattern: RegExp; names: string[]; handler: Handler }[] = []

  /** Answers `GET /tasks/{id}` and the like. Nothing answers 204. */
  on(spec: string, handler: Handler): this {
    const [method = '', path = ''] = spec.split(' ')
    const names: string[] = []
    const pattern = path.replace(/\{(\w+)\}/g, (_, name: string) => {
      names.push(name)
      return '([^/]+)'
    })
    this.#routes.push({ method, pattern: new RegExp(`^${pattern}$`), names, handler })
    return this
  }

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url)
    for (const { method, pattern, names, handler } of this.#routes) {
      const match = method === request.method ? pattern.exec(url.pathname) : null
      if (!match) continue
      const path = Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? '')]))
      try {
        const answer = await handler({ request, url, path, query: url.searchParams, json: () => request.json() })
        if (answer instanceof Response) return answer
        return answer === undefined
          ? new Response(null, { status: 204 })
          : Response.json(answer, { status: request.method === 'POST' && !url.pathname.includes('/auth/') ? 201 : 200 })
      } catch (error) {
        if (error instanceof Refusal) return problem(error)
        throw error
      }
    }
    return problem(
      new Refusal(404, 'Not Found', { detail: `The mock does not know ${request.method} ${url.pathname}.` }),
    )
  }
}

/** Frames as they go over the line; `null` ends it. */
export function eventStream(
  start: (send: (id: string | undefined, data: object) => void, end: () => void) => () => void,
): Response {
  const encoder = new TextEncoder()
  let stop = () => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let open = true
      const put = (text: string) => open && controller.enqueue(encoder.encode(text))
      const end = () => {
        if (!open) return
        open = false
        clearInterval(beat)
        controller.close()
      }
      const beat = setInterval(() => put(':\n\n'), 15_000)
      put(':\n\n')
      const over = start(
        (id, data) => put(`${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`),
        end,
      )
      stop = () => {
        open = false
        clearInterval(beat)
        over()
      }
    },
    cancel: () => stop(),
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}
