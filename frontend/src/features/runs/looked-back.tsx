import { Button } from '@/components/ui/button'
import { count } from '@/lib/numbers'

/** How much of a long run a filter was looked for in, and whether to look through more of it. */
export default function LookedBack({
  many,
  busy,
  onMore,
  onStop,
}: {
  many: number
  busy: boolean
  onMore: () => void
  onStop: () => void
}) {
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line bg-surface-2 px-3 py-1 text-xs lg:px-4">
      <span role="status" className="nums flex-1 text-ink-2">
        {busy ? 'Looking further back' : 'Looked'} through the newest {count(many)} lines
      </span>
      <Button size="sm" look="quiet" onClick={busy ? onStop : onMore}>
        {busy ? 'Stop' : 'Look further back'}
      </Button>
    </div>
  )
}
