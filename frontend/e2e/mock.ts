import { newBackend } from '../mocks/backend'
import { listen } from '../mocks/node'

const dist = new URL('../dist', import.meta.url).pathname

/** The built dashboard with a mock of its own behind it: what one file does, another does not see. */
export async function mocked() {
  const backend = newBackend()
  let server = await listen(dist, backend.answer)
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
      server = await listen(dist, backend.answer, Number(new URL(url).port))
    },
  }
}
