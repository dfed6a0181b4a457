import { newBackend } from '../mocks/backend'
import { listen } from '../mocks/node'

const dist = new URL('../dist', import.meta.url).pathname

/** What was sent to change something: how, where, with which words, and if what is still as it was. */
export interface Sent {
  method: string
  path: string
  body: unknown
  match: string | undefined
}

/** The built dashboard with a mock of its own behind it: what one file does, another does not see. */
export async function mocked() {
  const backend = newBackend()
  const sent: Sent[] = []
  // The browser does not tell what is in a request; whoever is asked knows.
  const answer = async (request: Request) => {
    const { pathname, search } = new URL(request.url)
    if (request.method !== 'GET' && pathname.startsWith('/api/')) {
      const text = await request.clone().text()
      sent.push({
        method: request.method,
        path: pathname.replace('/api/v1', '') + search,
        body: text === '' ? undefined : JSON.parse(text),
        match: request.headers.get('if-match') ?? undefined,
      })
    }
    return backend.answer(request)
  }
  let server = await listen(dist, answer)
  const { url } = server
  let up = true
  const read = async (path: string) => (await fetch(`${url}/api/v1/${path}`)).json()
  /** The page of a task, by its title. */
  const task = (title: string, search = ''): string => {
    const found = backend.db().tasks.find((task) => task.title === title)
    if (!found) throw new Error(`the mock has no task “${title}”`)
    return `/tasks/${found.id}${search}`
  }
  const pull = (lever: string) => fetch(`${url}/mock/${lever}`, { method: 'POST' })
  return {
    url,
    read,
    task,
    pull,
    db: backend.db,
    sent,
    close: () => server.close(),
    /** The server is gone, with its files; what it knew is kept. */
    stop: async () => {
      up = false
      await server.close()
    },
    /** It is there again, at the same place. */
    again: async () => {
      if (up) return
      up = true
      server = await listen(dist, answer, Number(new URL(url).port))
    },
  }
}
