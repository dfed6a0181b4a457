import type { Plan } from '@/api/generated/types.gen'

/** A plan in lines, as one would compare it. */
export function linesOf(plan: Plan): string[] {
  return [
    plan.summary,
    ...plan.questions.map((question) => `Question: ${question}`),
    ...plan.items.flatMap((item) => [
      `• ${item.title}`,
      ...item.acceptance.map((line) => `    done when: ${line}`),
      ...item.files.map((file) => `    file: ${file}`),
      ...item.tests.map((test) => `    test: ${test}`),
    ]),
    ...plan.risks.map((risk) => `Risk: ${risk}`),
  ].flatMap((text) => text.split('\n'))
}

export interface Line {
  kind: 'same' | 'added' | 'removed'
  text: string
}

/** What to take away and what to add to get from one to the other: the longest common lines stay. */
export function compareLines(before: string[], after: string[]): Line[] {
  const length: number[][] = Array.from({ length: before.length + 1 }, () =>
    new Array<number>(after.length + 1).fill(0),
  )
  const at = (i: number, j: number) => length[i]?.[j] ?? 0
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) {
      const row = length[i] as number[]
      row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  const lines: Line[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    if (i < before.length && before[i] === after[j]) {
      lines.push({ kind: 'same', text: before[i] ?? '' })
      i += 1
      j += 1
    } else if (i < before.length && (j >= after.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'removed', text: before[i] ?? '' })
      i += 1
    } else {
      lines.push({ kind: 'added', text: after[j] ?? '' })
      j += 1
    }
  }
  return lines
}
