import { Radio, WifiOff } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { live } from '@/api/live'
import { useNow } from '../clock'
import { Button } from '../ui/button'

/** How the live connection stands. */
export const useConnection = () => useSyncExternalStore(live.onState, () => live.state)

/** A connection that is lost for longer than this is worth a word. */
const PATIENCE = 10_000

/** Whether the connection is lost for longer than a moment. */
export function useConnectionLost(): boolean {
  const lost = useConnection() === 'waiting'
  const now = useNow(lost ? 'second' : 'never')
  return lost && now - live.since > PATIENCE
}

/** Says that what is shown may be old, once that has lasted; the page goes on trying by itself. */
export function ConnectionBanner() {
  const long = useConnectionLost()
  return (
    <div role="status">
      {long && (
        <div className="flex flex-wrap items-center gap-2 border-b border-line bg-wait-tint px-4 py-1.5 text-sm text-wait lg:px-6">
          <WifiOff className="size-4" aria-hidden />
          <span className="flex-1">
            No connection to the server. Work goes on there; this page catches up as soon as it answers.
          </span>
          <Button size="sm" onClick={() => live.retry()}>
            Try now
          </Button>
        </div>
      )}
    </div>
  )
}

const words = { off: 'Paused', connecting: 'Connecting', live: 'Live', waiting: 'Reconnecting', refused: 'Not live' }

/** A dot and a word beside something that changes by itself. */
export function LiveDot({ ended }: { ended?: boolean }) {
  const state = useConnection()
  const word = ended ? 'Ended' : words[state]
  const tone =
    ended || state === 'off'
      ? 'text-ink-3'
      : state === 'live'
        ? 'text-ok'
        : state === 'refused'
          ? 'text-bad'
          : 'text-wait'
  return (
    <span role="status" className={`inline-flex items-center gap-1 text-xs ${tone}`}>
      <Radio className="size-3.5" aria-hidden />
      {word}
    </span>
  )
}
