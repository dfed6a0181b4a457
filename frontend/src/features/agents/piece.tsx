import { Wrench } from 'lucide-react'
import { JsonView, Output } from '@/components/fold'
import { RichText } from '@/components/rich-text'
import { field, textOf } from './piece-text'

/** Longer words than this are folded: instructions run to pages. */
const LONG = 2000

/** A piece of what was said: words, a tool that the model wants, or what came of one. Others are shown as they are. */
export function Piece({ piece, label }: { piece: unknown; label: string }) {
  const kind = field(piece, 'type')
  const text = textOf(piece)
  if (kind === 'tool_use')
    return (
      <div className="flex flex-col gap-1">
        <p className="flex items-center gap-1.5 text-xs text-ink-2">
          <Wrench aria-hidden className="size-3.5" /> uses{' '}
          <code className="font-medium">{String(field(piece, 'name'))}</code>
        </p>
        <JsonView value={field(piece, 'input') ?? {}} label={`${label}: asked of the tool`} />
      </div>
    )
  if (text === undefined) return <JsonView value={piece} label={label} />
  if (kind === 'tool_result') {
    const bad = field(piece, 'is_error') === true
    return (
      <div className="flex flex-col gap-1">
        <p className={bad ? 'text-xs text-bad' : 'text-xs text-ink-2'}>{bad ? 'It went wrong' : 'What came of it'}</p>
        <Output text={text} label={`${label}: what came of it`} {...(bad ? { tone: 'bad' as const } : {})} />
      </div>
    )
  }
  return text.length > LONG ? <Output text={text} label={label} /> : <RichText text={text} />
}
