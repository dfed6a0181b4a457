import { ArrowDown } from 'lucide-react'
import { Fragment, type ReactElement, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { VList, type VListHandle } from 'virtua'
import { plural } from '@/lib/numbers'
import { Button } from './ui/button'

interface VirtualLogProps<E> {
  label: string
  items: readonly E[]
  /** Says that the list has changed: it may be the same list with something added. */
  version: number
  keyOf: (item: E) => string | number
  children: (item: E, index: number) => ReactElement
  /** Stay at the end while things arrive. */
  follow: boolean
  onFollow: (follow: boolean) => void
  /** How many were put before the first, ever. */
  prepended: number
  /** The reader has come near the beginning. */
  onStart?: (() => void) | undefined
  /** The reader has come near the end, and it is not the end of all there is. */
  onEnd?: (() => void) | undefined
  /** Go to this item when it changes. */
  target?: number | undefined
}

/** Near enough to the end to count as being there. */
const AT_END = 40

/** A long list that only draws what is seen. It follows its end as long as the reader is there, and never moves under a
 *  reader who is not. */
export function VirtualLog<E>({
  label,
  items,
  version,
  keyOf,
  children,
  follow,
  onFollow,
  prepended,
  onStart,
  onEnd,
  target,
}: VirtualLogProps<E>) {
  const list = useRef<VListHandle>(null)
  // Counted without what was put before the first: that is not new.
  const many = items.length - prepended
  const [seen, setSeen] = useState(many)
  const before = useRef(prepended)
  const shift = prepended !== before.current
  // After the list has taken up what was prepended.
  useLayoutEffect(() => {
    before.current = prepended
  })

  // At the end: go along. Lines are measured once they are drawn, so their growing is followed as well. The list's own
  // way to an item goes on for a while by itself, against a reader who leaves meanwhile; this ends when they do.
  const box = useRef<HTMLDivElement>(null)
  const following = useRef(follow)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list is the same one, with more in it
  useLayoutEffect(() => {
    following.current = follow
    const log = box.current?.firstElementChild
    if (!follow || items.length === 0 || !log?.firstElementChild) return
    setSeen(many)
    const toEnd = () => {
      if (following.current) log.scrollTop = log.scrollHeight
    }
    toEnd()
    const growing = new ResizeObserver(toEnd)
    growing.observe(log.firstElementChild)
    return () => growing.disconnect()
  }, [follow, version])

  // By what it is and not by where it stands: what comes in above it does not call the reader back.
  const wanted = target === undefined ? undefined : items[target]
  const wantedKey = wanted === undefined ? undefined : keyOf(wanted)
  // biome-ignore lint/correctness/useExhaustiveDependencies: happens when another item is wanted
  useEffect(() => {
    if (target !== undefined && wantedKey !== undefined) list.current?.scrollToIndex(target, { align: 'center' })
  }, [wantedKey])

  const offsetBefore = useRef(0)
  const onScroll = useCallback(
    (offset: number) => {
      const handle = list.current
      if (!handle) return
      const atEnd = handle.scrollSize - offset - handle.viewportSize < AT_END
      if (atEnd) setSeen(many)
      // The first pixels up are near the end as well, and are no wish to follow.
      const down = offset > offsetBefore.current
      offsetBefore.current = offset
      if (atEnd && down && onEnd) onEnd()
      else if (atEnd && down && !follow) onFollow(true)
      if (offset < 400) onStart?.()
    },
    [follow, many, onFollow, onStart, onEnd],
  )
  // Only the reader's own movement ends following; a list that grows is not a movement.
  const leave = useCallback(() => {
    following.current = false
    if (follow) onFollow(false)
  }, [follow, onFollow])

  const fresh = many - seen
  return (
    <div ref={box} className="relative min-h-0 flex-1">
      <VList
        ref={list}
        role="log"
        aria-label={label}
        aria-live="off"
        tabIndex={0}
        data={items}
        shift={shift}
        bufferSize={200}
        onScroll={onScroll}
        onWheel={(event) => event.deltaY < 0 && leave()}
        onTouchMove={leave}
        onKeyDown={(event) => ['ArrowUp', 'PageUp', 'Home'].includes(event.key) && leave()}
        className="h-full focus-visible:-outline-offset-2"
      >
        {(item: E, index: number) => <Fragment key={keyOf(item)}>{children(item, index)}</Fragment>}
      </VList>
      {!follow && items.length > 0 && (
        <div className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
          <Button look="primary" size="sm" className="pointer-events-auto shadow-float" onClick={() => onFollow(true)}>
            <ArrowDown />
            {fresh > 0 ? `${plural(fresh, 'new event')}` : 'To the end'}
          </Button>
        </div>
      )}
    </div>
  )
}
