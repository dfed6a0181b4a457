import { atField, besideFields } from '@/lib/field-errors'
import type { Problem } from './generated/types.gen'

/** A request that was not served: what the server said, or that it could not be heard. */
export class ApiError extends Error {
  constructor(
    /** The HTTP status; 0 when there was no answer. */
    readonly status: number,
    readonly problem: Problem,
    /** Seconds that the server asks to wait. */
    readonly retryAfter?: number,
  ) {
    super(problem.detail ?? problem.title)
    this.name = 'ApiError'
  }

  get requestId(): string | undefined {
    return this.problem.request_id
  }

  /** Whether the same request may well be served a moment later. */
  get retriable(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502
  }

  /** What is wrong with one field of the form: `title`, `options/mode`. */
  field(name: string): string | undefined {
    return atField(this.problem.errors ?? [], name)
  }

  /** What is wrong with nothing that the form shows. */
  besides(names: readonly string[], words?: Readonly<Record<string, string>>): string[] {
    return besideFields(this.problem.errors ?? [], names, words)
  }
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'title' in body && 'status' in body

/** What a failed request means. `thrown` is the body of the answer, or what `fetch` threw. */
export function toApiError(thrown: unknown, response: Response | undefined): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (!response) {
    const detail = 'The server could not be reached. Your work is safe; this is tried again when it answers.'
    return new ApiError(0, { type: 'about:blank', title: 'No connection', status: 0, detail })
  }
  const wait = Number(response.headers.get('retry-after'))
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : undefined
  if (isProblem(thrown)) return new ApiError(response.status, thrown, retryAfter)
  const request_id = response.headers.get('x-request-id') ?? undefined
  const title = response.statusText || `The server answered ${response.status}`
  // A proxy in between answers in its own words; a page of HTML is no detail.
  const detail = typeof thrown === 'string' && thrown !== '' && !thrown.includes('<') ? thrown : undefined
  return new ApiError(
    response.status,
    { type: 'about:blank', title, status: response.status, detail, request_id },
    retryAfter,
  )
}
