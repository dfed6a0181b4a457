/** Tests and verdicts as they are shown. The server tells them without a schema, so every field is read with care. */

type Loose = Record<string, unknown>
const loose = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const number = (value: unknown): number => (typeof value === 'number' ? value : 0)
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])
const list = <T>(value: unknown, read: (one: Loose) => T): T[] =>
  Array.isArray(value) ? value.map((one) => read(loose(one))) : []
const known = <const T extends string>(value: unknown, all: readonly T[], otherwise: T): T =>
  all.find((one) => one === value) ?? otherwise

export interface Tally {
  passed: number
  failed: number
  errored: number
  skipped: number
}

const tally = (value: unknown): Tally => {
  const { passed, failed, errored, skipped } = loose(value)
  return { passed: number(passed), failed: number(failed), errored: number(errored), skipped: number(skipped) }
}

export const suiteLists = [
  'newly_failing',
  'vanished',
  'newly_skipped',
  'still_failing',
  'flaky',
  'fixed',
  'new_passing',
] as const

export interface Suite {
  framework: string
  dir: string
  command: string[]
  base: Tally
  head: Tally
  baseComplete: boolean
  lists: Record<(typeof suiteLists)[number], string[]>
  /** What failing tests said, by test. */
  messages: Map<string, string>
  durationMs: number
  log: string | undefined
  verdict: 'green' | 'failing' | 'not_run'
  /** Why nothing can be claimed. */
  reason: string
}

export function suiteOf(value: unknown): Suite {
  const raw = loose(value)
  const pairs = Array.isArray(raw.messages) ? raw.messages : []
  return {
    framework: text(raw.framework),
    dir: text(raw.dir),
    command: texts(raw.command),
    base: tally(raw.base),
    head: tally(raw.head),
    baseComplete: raw.base_complete !== false,
    lists: Object.fromEntries(suiteLists.map((key) => [key, texts(raw[key])])) as Suite['lists'],
    messages: new Map(pairs.filter(Array.isArray).map(([test, said]) => [text(test), text(said)])),
    durationMs: number(raw.duration_ms),
    log: text(raw.log_artifact) || undefined,
    // What is not understood is not green.
    verdict: known(loose(raw.verdict).is, ['green', 'failing', 'not_run'], 'not_run'),
    reason: text(loose(raw.verdict).reason),
  }
}

export interface Finding {
  id: string
  severity: 'critical' | 'high' | 'medium' | 'low'
  file: string
  line: number
  title: string
  failure: string
  hint: string
  blocking: boolean
}

export interface Verdict {
  word: 'approve' | 'request_changes' | 'reject' | 'needs_human'
  confidence: number
  criteria: { id: string; status: 'met' | 'unmet' | 'unverifiable'; evidence: string[] }[]
  findings: Finding[]
  uncovered: string[]
  unasked: string[]
  security: string[]
  summary: string
  downgraded: string[]
}

export function verdictOf(value: unknown): Verdict {
  const raw = loose(value)
  return {
    // What is not understood is no approval.
    word: known(raw.verdict, ['approve', 'request_changes', 'reject', 'needs_human'], 'needs_human'),
    confidence: number(raw.confidence),
    criteria: list(raw.criteria, (one) => ({
      id: text(one.id),
      status: known(one.status, ['met', 'unmet', 'unverifiable'], 'unverifiable'),
      evidence: texts(one.evidence),
    })),
    findings: list(raw.findings, (one) => ({
      id: text(one.id),
      severity: known(one.severity, ['critical', 'high', 'medium', 'low'], 'medium'),
      file: text(one.file),
      line: number(one.start_line),
      title: text(one.title),
      failure: text(one.failure_mode),
      hint: text(one.fix_hint),
      blocking: one.blocking === true,
    })),
    uncovered: texts(raw.coverage_gap),
    unasked: texts(raw.scope_creep),
    security: texts(raw.security),
    summary: text(raw.summary),
    downgraded: texts(raw.downgraded),
  }
}
