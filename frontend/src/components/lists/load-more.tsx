import { Button } from '@/components/ui/button'

/** The next page of a list, when there is one. */
export function LoadMore({ more, busy, onMore }: { more: boolean; busy: boolean; onMore: () => void }) {
  if (!more) return null
  return (
    <div className="flex justify-center p-4">
      <Button busy={busy} onClick={onMore}>
        Show more
      </Button>
    </div>
  )
}
