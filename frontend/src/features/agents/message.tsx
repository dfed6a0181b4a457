import type { TranscriptMessage } from '@/api/generated/types.gen'
import { exact } from '@/lib/dates'
import { Piece } from './piece'

const roles: Record<string, string> = { system: 'Instructions', user: 'To the model', assistant: 'The model' }

/** A message of a conversation, piece by piece. */
export function Message({ message, number }: { message: TranscriptMessage; number: number }) {
  const who = roles[message.role] ?? message.role
  const pieces = message.content.map((piece, i) => (
    <Piece key={i} piece={piece} label={`Message ${number}, part ${i + 1}`} />
  ))
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
