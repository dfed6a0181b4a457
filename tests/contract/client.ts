// What a program does with the client that @hey-api/openapi-ts makes of the document: sign in, connect a repository,
// give a task, follow it, read what came of it. Arguments: the server's address, the
// password of ada@example.org, and the path of a repository.
import { client } from './generated/client.gen.ts'
import { createRepository, createTask, getChecks, getDiff, getRun, login, stream } from './generated/sdk.gen.ts'

const [, , baseUrl, password, path] = process.argv
if (!baseUrl || !password || !path) throw new Error('an address, a password and a path are needed')
client.setConfig({ baseUrl, throwOnError: true })

const { data: session } = await login({ body: { email: 'ada@example.org', password }, throwOnError: true })
client.setConfig({ auth: () => session.access_token })
const wrong = await login({ body: { email: 'ada@example.org', password: 'another one' }, throwOnError: false })
if (wrong.error?.status !== 401) throw new Error(`a wrong password got ${JSON.stringify(wrong)}`)

const { data: repository } = await createRepository({ body: { url: path }, throwOnError: true })
const { data: task } = await createTask({
  body: { repository_id: repository.id, title: 'The same bolts were sold twice', options: { approve_plan: false } },
  headers: { 'Idempotency-Key': `typescript-${Date.now()}` },
  throwOnError: true,
})
const run = task.latest_run?.id
if (!run) throw new Error('the task has no run')

const seen: number[] = []
// The stream goes on when the run has ended: it tells of others as well.
const hangUp = new AbortController()
const { stream: frames } = await stream({ query: { run, after: 0 }, signal: hangUp.signal })
for await (const frame of frames) {
  if (frame.type === 'run_event') seen.push(frame.event.seq)
  if (frame.type === 'end') break
}
hangUp.abort()
if (seen.some((seq, at) => seq !== at + 1)) throw new Error(`events are missing or came twice: ${seen}`)

const { data: ended } = await getRun({ path: { id: run }, throwOnError: true })
if (ended.status !== 'succeeded' || !ended.branch) throw new Error(JSON.stringify(ended))
const { data: diff } = await getDiff({ path: { id: run }, throwOnError: true })
const { data: checks } = await getChecks({ path: { id: run }, throwOnError: true })
if (diff.files.length === 0 || checks.evidence.length === 0) throw new Error('no diff, or no evidence')
console.log(`TypeScript: ${seen.length} events, ${diff.files.length} files changed, on ${ended.branch}`)
