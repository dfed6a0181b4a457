/** Words that the document leaves open. What is not understood is never good news. */

const known = <const T extends string>(value: string, all: readonly T[], otherwise: T): T =>
  all.find((one) => one === value) ?? otherwise

export type Met = 'met' | 'unmet' | 'unverifiable'
export const metOf = (status: string): Met => known(status, ['met', 'unmet', 'unverifiable'], 'unverifiable')

export type Severity = 'critical' | 'high' | 'medium' | 'low'
export const severityOf = (word: string): Severity => known(word, ['critical', 'high', 'medium', 'low'], 'medium')
