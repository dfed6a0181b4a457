import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { file, open } from '../../mocks/node'

/** What the program says before it is up is worth reading when it is not. */
const PATIENCE = 90_000

const dist = new URL('../../dist', import.meta.url).pathname

/** `codegraph up` in a home of its own, with a scenario in the place of models. */
export class Program {
  readonly home = mkdtempSync(join(tmpdir(), 'codegraph-real-'))
  /** Where the dashboard is: the program itself, or somebody in front of one that was built without it. */
  url = ''
  setupCode = ''
  #port = 0
  #settings: Record<string, string> = {}
  #child: ChildProcess | undefined
  #said = ''
  #front: { url: string; close: () => Promise<void> } | undefined

  /** `settings` are added to its environment. */
  static async up(settings: Record<string, string> = {}): Promise<Program> {
    const program = new Program()
    program.#settings = settings
    // The database runs under another account when this is root.
    chmodSync(program.home, 0o755)
    program.#port = await freePort()
    await program.start()
    program.setupCode = /setup code is ([\w-]+)/.exec(program.#said)?.[1] ?? ''
    const inside = await (await fetch(program.#own)).text()
    // The names of its files are names of their content: the same page is the same dashboard.
    const built = readFileSync(join(dist, 'index.html'), 'utf8')
    if (inside !== built) {
      const has = inside.includes('id="root"') ? 'another dashboard than dist/' : 'no dashboard'
      // Where it counts, the program is looked at as it is given to people.
      if (process.env.CI === 'true') {
        await program.stop()
        throw new Error(`this program has ${has} inside: npm run build, then cargo build`)
      }
      console.warn(`this program has ${has} inside: dist/ is served in front of it (npm run build, cargo build)`)
      program.#front = await inFront(program.#port)
    } else console.log('the dashboard is the one inside the program')
    program.url = program.#front?.url ?? program.#own
    return program
  }

  get #own(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Starts it, and waits until every part of it is ready. */
  async start(): Promise<void> {
    const path = process.env.CODEGRAPH_BIN
    if (!path || !existsSync(path)) throw new Error('CODEGRAPH_BIN does not name a built codegraph')
    const child = spawn(path, ['up'], {
      cwd: this.home,
      env: {
        ...process.env,
        CODEGRAPH_HOME: join(this.home, 'data'),
        CODEGRAPH_LISTEN: `127.0.0.1:${this.#port}`,
        CODEGRAPH_SCRIPT: new URL('scenario.yaml', import.meta.url).pathname,
        CODEGRAPH_MODELS: new URL('models.toml', import.meta.url).pathname,
        CODEGRAPH_SIGN_INS_PER_MINUTE: '0',
        CODEGRAPH_LEASE: '3',
        ...this.#settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text) => {
        this.#said += text
      })
    const late = Date.now() + PATIENCE
    while (child.exitCode === null && Date.now() < late) {
      const ready = await fetch(`${this.#own}/readyz`).catch(() => undefined)
      if (ready?.ok) return
      await new Promise((done) => setTimeout(done, 100))
    }
    throw new Error(`the program is not up:\n${this.#said.slice(-4000)}`)
  }

  /** As a power cut would: without a word. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    await gone
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
    await this.#front?.close()
    if (process.env.KEEP) console.log(`kept: ${this.home}\n${this.#said}`)
    else rmSync(this.home, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address ? address.port : 0
}

/** The built files, with the API passed on. */
function inFront(port: number) {
  return open((incoming: IncomingMessage, outgoing: ServerResponse) => {
    const path = new URL(incoming.url ?? '/', 'http://localhost').pathname
    if (!/^\/(api|docs|openapi\.)/.test(path)) return file(dist, path, outgoing)
    const { method, headers, url } = incoming
    const passed = request({ host: '127.0.0.1', port, method, headers, path: url }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      // A stream is there before its first word.
      outgoing.flushHeaders()
      answer.pipe(outgoing)
      answer.on('error', () => outgoing.destroy())
    })
    passed.on('error', () => {
      if (outgoing.headersSent) outgoing.destroy()
      else outgoing.writeHead(502).end()
    })
    outgoing.on('close', () => passed.destroy())
    incoming.pipe(passed)
  })
}
