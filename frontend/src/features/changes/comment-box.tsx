import { Pencil, Trash2 } from 'lucide-react'
import { type FormEvent, useEffect, useRef } from 'react'
import { Button, IconButton } from '@/components/ui/button'
import { Textarea } from '@/components/ui/input'

/** A word about a line: written, changed or taken back before the review is sent. */
export function CommentBox({
  lines,
  text,
  typed,
  onType,
  onSave,
  onStop,
  onDrop,
}: {
  /** The lines, when it is about several. */
  lines: string | undefined
  /** What stands there; nothing while it is only being written. */
  text: string
  /** What is being written; nothing when nobody writes. */
  typed: string | undefined
  onType: (text: string) => void
  onSave: (text: string) => void
  onStop: () => void
  onDrop: () => void
}) {
  const editing = typed !== undefined
  const empty = typed === undefined || typed.trim() === ''
  const box = useRef<HTMLTextAreaElement>(null)
  // Whoever asks for the box wants to write in it.
  useEffect(() => {
    if (editing) box.current?.focus()
  }, [editing])
  if (typed === undefined)
    return (
      <div className="flex items-start gap-2 rounded-md border border-line bg-surface p-2">
        <div className="min-w-0 flex-1">
          {lines && <p className="text-xs text-ink-3">Lines {lines}</p>}
          <p className="text-sm whitespace-pre-wrap wrap-anywhere">{text}</p>
        </div>
        <span className="text-xs text-ink-3">not sent yet</span>
        <IconButton label="Change the comment" size="icon-sm" onClick={() => onType(text)}>
          <Pencil />
        </IconButton>
        <IconButton label="Delete the comment" size="icon-sm" onClick={onDrop}>
          <Trash2 />
        </IconButton>
      </div>
    )
  const save = (event: FormEvent) => {
    event.preventDefault()
    if (!empty) onSave(typed.trim())
  }
  return (
    <form onSubmit={save} className="flex max-w-2xl flex-col gap-2">
      {lines && <p className="text-xs text-ink-2">Lines {lines}</p>}
      <Textarea
        ref={box}
        rows={3}
        aria-label={lines ? `Comment on lines ${lines}` : 'Comment on this line'}
        placeholder={`What should the agent do about ${lines ? `lines ${lines}` : 'this line'}?`}
        value={typed}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) save(event)
          if (event.key === 'Escape') onStop()
        }}
      />
      <div className="flex gap-2">
        <Button type="submit" size="sm" look="primary" why={empty && 'Write something first'} keys="mod+enter">
          Add to the review
        </Button>
        <Button size="sm" look="quiet" onClick={onStop}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
