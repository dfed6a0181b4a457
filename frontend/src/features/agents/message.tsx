import type { TranscriptMessage } from '@/api/generated/types.gen'
import { JsonView, Output } from '@/components/fold'
import { RichText } from '@/components/rich-text'
import { exact } from '@/lib/dates'

/** Longer words than this are folded: instructions run to pages. */
const LONG = 2000

const roles: Record<string, string> = { system: 'Instructions', user: 'To the model', assistant: 'The model' }

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** A message of a conversation, piece by piece. Pieces that are no words are shown as they are. */
export function Message({ message, number }: { message: TranscriptMessage; number: number }) {
  const who = roles[message.role] ?? message.role
  const pieces = message.content.map((piece, i) => {
    const text = typeof piece === 'string' ? piece : field(piece, 'text')
    const kind = String(field(piece, 'type') ?? 'piece').replaceAll('_', ' ')
    const key = `${i} ${kind}`
    if (typeof text !== 'string')
      return <JsonView key={key} value={piece} label={`Message ${number}: ${kind} ${i + 1}`} />
    if (text.length > LONG) return <Output key={key} text={text} label={`Message ${number}, part ${i + 1}`} />
    return <RichText key={key} text={text} />
  })
  // The same for every turn, and longer than all that is said: there for whoever asks.
  if (message.role === 'system')
    return (
      <li>
        <details>
          <summary className="min-h-6 cursor-pointer text-xs font-medium text-ink-2">{who}</summary>
          <div className="mt-1.5 flex flex-col gap-1.5">{pieces}</div>
        </details>
      </li>
    )
  return (
    <li className="flex flex-col gap-1.5">
      <p className="flex gap-2 text-xs text-ink-3">
        <span className="font-medium text-ink-2">{who}</span>
        <span>turn {message.turn}</span>
        {message.at && <time dateTime={message.at}>{exact(message.at)}</time>}
      </p>
      {pieces}
    </li>
  )
}
