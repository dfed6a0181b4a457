import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from '../../mocks/node'

export const TOKEN = 'token-hunter22-hunter22'
const NAME = 'ada/inventory'
const sample = new URL('../../../assets/samples/python-inventory', import.meta.url).pathname

interface Pull {
  number: number
  state: 'open' | 'closed'
  merged: boolean
  title: string
  head: { label: string; ref: string; sha: string }
  [key: string]: unknown
}

const env = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
}
const git = (...args: string[]): string => execFileSync('git', args, { env, encoding: 'utf8' }).trim()

/** A GitHub on this machine: one repository over git's own protocol, and its pull requests. Everybody may read it; who
 *  pushes or asks the API shows the token. */
export class Forge {
  readonly pulls: Pull[] = []
  /** How the checks of every commit ended; `null` while one is under way. */
  checks: (string | null)[] = []
  #root = mkdtempSync(join(tmpdir(), 'codegraph-forge-'))
  #bare = join(this.#root, `${NAME}.git`)
  #server: { url: string; close: () => Promise<void> } | undefined

  static async up(): Promise<Forge> {
    const forge = new Forge()
    const made = join(forge.#root, 'made')
    cpSync(sample, made, { recursive: true })
    git('-C', made, 'init', '--quiet', '--initial-branch=main')
    git('-C', made, 'add', '--all')
    git('-C', made, 'commit', '--quiet', '--message=An inventory')
    git('clone', '--quiet', '--bare', made, forge.#bare)
    git('-C', forge.#bare, 'config', 'http.receivepack', 'true')
    forge.#server = await open((incoming, outgoing) => void forge.#answer(incoming, outgoing))
    return forge
  }

  get url(): string {
    return `${this.#server?.url}/${NAME}`
  }

  /** What leads the program here. */
  get settings(): Record<string, string> {
    return { CODEGRAPH_GITHUB_API_URL: `${this.#server?.url}/api/v3`, CODEGRAPH_PRIVATE_GIT_HOSTS: '127.0.0.1' }
  }

  merge(number: number): void {
    const pull = this.pulls.find((one) => one.number === number)
    const merged_at = new Date().toISOString()
    if (pull) Object.assign(pull, { state: 'closed', merged: true, merged_at, closed_at: merged_at })
  }

  async stop(): Promise<void> {
    await this.#server?.close()
    rmSync(this.#root, { recursive: true, force: true })
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const url = new URL(incoming.url ?? '/', 'http://localhost')
    const shown = incoming.headers.authorization ?? ''
    if (!url.pathname.startsWith('/api/v3/')) {
      const pushes = /receive-pack/.test(url.pathname + url.search)
      const holder = shown === `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`
      if (pushes && !holder) return void outgoing.writeHead(401, { 'www-authenticate': 'Basic' }).end()
      return this.#git(incoming, url, body, outgoing)
    }
    const { status, said } =
      shown === `Bearer ${TOKEN}`
        ? this.#say(incoming.method ?? 'GET', url, body.length > 0 ? JSON.parse(body.toString()) : {})
        : { status: 401, said: { message: 'Bad credentials' } }
    outgoing.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(said))
  }

  /** Git's own server, asked as a web server asks it. */
  #git({ method, headers }: IncomingMessage, url: URL, body: Buffer, outgoing: ServerResponse): void {
    const [, owner = '', name = '', ...rest] = url.pathname.split('/')
    const child = spawn('git', ['http-backend'], {
      env: {
        ...env,
        GIT_PROJECT_ROOT: this.#root,
        GIT_HTTP_EXPORT_ALL: '1',
        REMOTE_USER: 'ada',
        REMOTE_ADDR: '127.0.0.1',
        REQUEST_METHOD: method ?? 'GET',
        PATH_INFO: `/${owner}/${name.replace(/\.git$/, '')}.git/${rest.join('/')}`,
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: headers['content-type'] ?? '',
        CONTENT_LENGTH: String(body.length),
        HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
        HTTP_GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
      },
    })
    const said: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
    child.on('close', () => {
      const all = Buffer.concat(said)
      const end = all.indexOf('\r\n\r\n')
      const lines = all.subarray(0, end).toString().split('\r\n')
      const pairs = lines.map((line) => line.split(': ') as [string, string])
      const status = Number(pairs.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200)
      outgoing.writeHead(status, Object.fromEntries(pairs.filter(([name]) => name !== 'Status')))
      outgoing.end(all.subarray(end + 4))
    })
    // One that has heard enough closes its ear.
    child.stdin.on('error', () => {})
    child.stdin.end(body)
  }

  #say(method: string, url: URL, body: Record<string, string>): { status: number; said: unknown } {
    const missing = { status: 404, said: { message: 'Not Found' } }
    const path = url.pathname.replace(`/api/v3/repos/${NAME}/`, '')
    const [, , number] = /^(pulls)\/(\d+)/.exec(path) ?? []
    const pull = this.pulls.find((one) => String(one.number) === number)
    if (path === 'pulls' && method === 'GET') {
      const head = url.searchParams.get('head')
      return { status: 200, said: this.pulls.filter((one) => !head || head === `ada:${one.head.ref}`) }
    }
    if (path === 'pulls' && method === 'POST') return { status: 201, said: this.#offer(body) }
    if (/^pulls\/\d+$/.test(path)) return pull ? { status: 200, said: Object.assign(pull, body) } : missing
    if (/^pulls\/\d+\/reviews$/.test(path)) return { status: 200, said: [] }
    if (/^commits\/\w+\/check-runs$/.test(path)) {
      const runs = this.checks.map((conclusion) => ({ conclusion }))
      return { status: 200, said: { total_count: runs.length, check_runs: runs } }
    }
    if (/^commits\/\w+\/status$/.test(path))
      return { status: 200, said: { state: 'pending', statuses: [], total_count: 0 } }
    return missing
  }

  #offer({ head = '', base = '', title = '', body = '' }: Record<string, string>): Pull {
    const commit = (branch: string) => git('-C', this.#bare, 'rev-parse', '--verify', `refs/heads/${branch}`)
    const number = this.pulls.length + 1
    const pull: Pull = {
      id: 1000 + number,
      number,
      html_url: `${this.url}/pull/${number}`,
      url: `${this.#server?.url}/api/v3/repos/${NAME}/pulls/${number}`,
      state: 'open',
      locked: false,
      title,
      body,
      draft: false,
      merged: false,
      mergeable: null,
      head: { label: `ada:${head}`, ref: head, sha: commit(head) },
      base: { label: `ada:${base}`, ref: base, sha: commit(base) },
      requested_reviewers: [],
      requested_teams: [],
    }
    this.pulls.push(pull)
    return pull
  }
}
