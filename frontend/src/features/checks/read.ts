/** Words that the document leaves open. What is not understood is never good news. */

const known = <const T extends string>(value: string, all: readonly T[], otherwise: T): T =>
  all.find((one) => one === value) ?? otherwise

export type Met = 'met' | 'unmet' | 'unverifiable'
export const metOf = (status: string): Met => known(status, ['met', 'unmet', 'unverifiable'], 'unverifiable')

/** A place that is named as evidence, `inventory/stock.py:45`; nothing when it is something else, such as a test. */
export function placeIn(evidence: string): { path: string; line: number } | undefined {
  const [, path, line] = /^\s*`?([\w@./+-]*[\w-]\.\w+):(\d+)(?:[-–:]\d+)?`?\s*$/.exec(evidence) ?? []
  return path && line ? { path, line: Number(line) } : undefined
}

export type Severity = 'critical' | 'high' | 'medium' | 'low'
export const severityOf = (word: string): Severity => known(word, ['critical', 'high', 'medium', 'low'], 'medium')
