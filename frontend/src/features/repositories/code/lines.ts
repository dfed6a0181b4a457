/** The lines of a file. The end of the last one is no line of its own. */
export const linesOf = (text: string): string[] => {
  const lines = text.split(/\r?\n/)
  if (lines.length > 1 && lines.at(-1) === '') lines.pop()
  return lines
}

/** So many lines are drawn together, when they come into sight. */
const TOGETHER = 100

/** Lines in blocks, each with the number of its first. */
export const blocksOf = (lines: readonly string[]): { first: number; lines: readonly string[] }[] =>
  Array.from({ length: Math.ceil(lines.length / TOGETHER) }, (_, i) => ({
    first: i * TOGETHER + 1,
    lines: lines.slice(i * TOGETHER, (i + 1) * TOGETHER),
  }))
