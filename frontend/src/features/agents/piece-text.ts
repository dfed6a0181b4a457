/** Something in a value of which nobody says what it is. */
export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** The words of a piece of a conversation, its own or those of the blocks in it; nothing when there is more than words. */
export function textOf(piece: unknown): string | undefined {
  if (typeof piece === 'string') return piece
  const text = field(piece, 'text') ?? field(piece, 'content')
  if (!Array.isArray(text)) return typeof text === 'string' ? text : undefined
  const texts = text.map(textOf)
  return texts.includes(undefined) ? undefined : texts.join('\n')
}
