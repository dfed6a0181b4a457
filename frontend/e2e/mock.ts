import { newBackend } from '../mocks/backend'
import { listen } from '../mocks/node'

/** The built dashboard with a mock of its own behind it: what one file does, another does not see. */
export async function mocked() {
  const { url, close } = await listen(new URL('../dist', import.meta.url).pathname, newBackend().answer)
  const read = async (path: string) => (await fetch(`${url}/api/v1/${path}`)).json()
  const pull = (lever: string) => fetch(`${url}/mock/${lever}`, { method: 'POST' })
  return { url, close, read, pull }
}
