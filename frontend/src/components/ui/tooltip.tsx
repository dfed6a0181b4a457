import {
  cloneElement,
  type FocusEvent,
  type HTMLAttributes,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { createPortal } from 'react-dom'
import { Kbd } from './kbd'
import { near, placed } from './tooltip-place'

/** How long a pointer rests before the word comes, and how long it may be away before the word goes. */
const REST = 400
const AWAY = 150

/** There is one at a time. While one was there a moment ago, the next comes at once. */
let close: (() => void) | undefined
let closedAt = Number.NEGATIVE_INFINITY

interface TooltipProps {
  /** Nothing to say: what is in it stays as it is. */
  text: ReactNode
  keys?: string | undefined
  side?: 'top' | 'right'
  /** It says more than the name of what it is about: read out with it, and shown to a finger that presses it. */
  describes?: boolean
  children: ReactElement<HTMLAttributes<HTMLElement>>
}

/** A word on hover and on focus. Never the only place where something is said. */
export function Tooltip({ text, keys, side = 'top', describes = false, children }: TooltipProps) {
  const id = useId()
  const [about, setAbout] = useState<Element>()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const open = about !== undefined && Boolean(text)
  const hide = () => {
    clearTimeout(timer.current)
    setAbout(undefined)
  }
  const show = (element: Element) => {
    if (!text) return
    clearTimeout(timer.current)
    if (about === undefined) close?.()
    close = hide
    setAbout(element)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  const { onPointerEnter, onPointerLeave, onPointerDown, onFocus, onBlur, onClick } = children.props
  return (
    <>
      {cloneElement(children, {
        ...(open && describes ? { 'aria-describedby': id } : {}),
        onPointerEnter: (event: PointerEvent<HTMLElement>) => {
          onPointerEnter?.(event)
          // A finger does not rest on things.
          if (event.pointerType === 'touch') return
          const element = event.currentTarget
          clearTimeout(timer.current)
          timer.current = setTimeout(() => show(element), performance.now() - closedAt < REST ? 0 : REST)
        },
        onPointerLeave: (event) => {
          onPointerLeave?.(event)
          // One that is there looks after itself.
          if (!open) hide()
        },
        onPointerDown: (event) => {
          onPointerDown?.(event)
          if (!describes) hide()
        },
        onFocus: (event: FocusEvent<HTMLElement>) => {
          onFocus?.(event)
          if (event.currentTarget.matches(':focus-visible')) show(event.currentTarget)
        },
        onBlur: (event) => {
          onBlur?.(event)
          hide()
        },
        onClick: (event) => {
          onClick?.(event)
          if (describes) show(event.currentTarget)
        },
      })}
      {open && (
        <Word id={id} about={about} side={side} onEnd={hide}>
          {text}
          {keys && <Kbd keys={keys} />}
        </Word>
      )}
    </>
  )
}

interface WordProps {
  id: string
  about: Element
  side: 'top' | 'right'
  onEnd: () => void
  children: ReactNode
}

function Word({ id, about, side, onEnd, children }: WordProps) {
  const word = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (!word.current) return
    const room = { width: innerWidth, height: innerHeight }
    const { left, top } = placed(about.getBoundingClientRect(), word.current.getBoundingClientRect(), side, room)
    word.current.style.translate = `${left}px ${top}px`
  })
  const end = useRef(onEnd)
  end.current = onEnd
  useEffect(() => {
    const over = new AbortController()
    const { signal } = over
    const done = () => end.current()
    let away: ReturnType<typeof setTimeout> | undefined
    // It stays while the pointer is on it, so that it can be read under a magnifier; it takes nothing that is meant for
    // what lies below it.
    const moved = ({ clientX, clientY }: globalThis.PointerEvent) => {
      const boxes = [about, word.current].flatMap((one) => one?.getBoundingClientRect() ?? [])
      clearTimeout(away)
      if (!about.matches(':focus-visible') && !boxes.some((box) => near(box, clientX, clientY)))
        away = setTimeout(done, AWAY)
    }
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      // The word goes, and not yet the box that it stands in.
      event.stopPropagation()
      done()
    }
    const pressed = ({ target }: Event) => {
      if (!(target instanceof Node && about.contains(target))) done()
    }
    document.addEventListener('pointermove', moved, { signal })
    document.addEventListener('pointerdown', pressed, { signal, capture: true })
    window.addEventListener('keydown', key, { signal, capture: true })
    window.addEventListener('scroll', done, { signal, capture: true })
    window.addEventListener('resize', done, { signal })
    return () => {
      over.abort()
      clearTimeout(away)
      closedAt = performance.now()
    }
  }, [about])
  return createPortal(
    <div
      ref={word}
      id={id}
      role="tooltip"
      // Read out with what it is about, and by itself never.
      aria-hidden
      className="pointer-events-none fixed top-0 left-0 z-50 flex w-max max-w-[min(18rem,calc(100vw-1rem))] items-center gap-2 rounded-md bg-primary px-2 py-1 text-xs text-on-primary shadow-float"
    >
      {children}
    </div>,
    document.body,
  )
}
