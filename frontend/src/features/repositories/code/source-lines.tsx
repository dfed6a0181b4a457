import { type KeyboardEvent, type MouseEvent, memo, useEffect, useMemo, useRef, useState } from 'react'
import { type Coloured, useColours } from '@/components/diff/use-colours'
import { Button } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import { count } from '@/lib/numbers'
import { stringifySearch } from '@/lib/search'
import { searchOf } from '../code-link'
import { blocksOf } from './lines'

/** More lines than this are not coloured: it would take longer than reading them. */
const COLOURED = 5000
/** More than this are shown when they are asked for. */
const SHOWN = 10_000
/** The height of a line, in pixels. */
const LINE = 20

interface SourceLinesProps {
  path: string
  at: string | undefined
  text: string
  lines: readonly string[]
  /** The one that is pointed at. */
  line: number | undefined
  onLine: (line: number) => void
}

/** The lines of a file with their numbers; each number is a link to its line. */
export function SourceLines({ path, at, text, lines, line, onLine }: SourceLinesProps) {
  const box = useRef<HTMLDivElement>(null)
  const [all, setAll] = useState(false)
  const whole = all || lines.length <= SHOWN || (line ?? 0) > SHOWN
  const blocks = useMemo(() => blocksOf(whole ? lines : lines.slice(0, SHOWN)), [lines, whole])
  const colours = useColours(path, text, lines.length <= COLOURED)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file may have the line in the same place
  useEffect(() => {
    if (line !== undefined) numberAt(box.current, line)?.scrollIntoView?.({ block: 'center' })
  }, [line, text])
  const stop = line !== undefined && line <= lines.length ? line : 1
  const onClick = (event: MouseEvent<HTMLElement>) => {
    const pressed = event.target instanceof HTMLElement && event.target.dataset.line
    if (!pressed || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    onLine(Number(pressed))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const from = event.target instanceof HTMLElement && Number(event.target.dataset.line)
    if (!from || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return
    event.preventDefault()
    numberAt(box.current, from + (event.key === 'ArrowDown' ? 1 : -1))?.focus()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: listens for the links in it, of which there may be thousands
    <div ref={box} onClick={onClick} onKeyDown={onKeyDown} className="py-2 font-mono text-xs leading-5">
      {blocks.map((block) => (
        <Block
          key={block.first}
          first={block.first}
          lines={block.lines}
          colours={colours}
          path={path}
          at={at}
          pointed={inBlock(block, line)}
          stop={inBlock(block, stop)}
        />
      ))}
      {!whole && (
        <p className="p-4 font-sans">
          <Button onClick={() => setAll(true)}>Show all {count(lines.length)} lines</Button>
        </p>
      )}
    </div>
  )
}

const numberAt = (box: HTMLElement | null, line: number) => box?.querySelector<HTMLElement>(`[data-line="${line}"]`)

/** The line, if it is one of these: the others need not be drawn anew. */
const inBlock = ({ first, lines }: { first: number; lines: readonly string[] }, line: number | undefined) =>
  line !== undefined && line >= first && line < first + lines.length ? line : undefined

interface BlockProps {
  first: number
  lines: readonly string[]
  /** Of all lines of the file. */
  colours: Coloured[] | undefined
  path: string
  at: string | undefined
  pointed: number | undefined
  stop: number | undefined
}

const Block = memo(function Block({ first, lines, colours, path, at, pointed, stop }: BlockProps) {
  return (
    <div className="[content-visibility:auto]" style={{ containIntrinsicSize: `auto ${lines.length * LINE}px` }}>
      {lines.map((text, i) => {
        const line = first + i
        return (
          <div key={line} className={cn('flex', line === pointed && 'bg-wait-tint')}>
            <a
              data-line={line}
              href={stringifySearch({ ...searchOf({ path, line, at }) })}
              tabIndex={line === stop ? 0 : -1}
              aria-label={`Line ${line}`}
              aria-current={line === pointed ? 'location' : undefined}
              className={cn(
                'nums w-10 shrink-0 pr-2 sm:w-14 sm:pr-3 text-right text-ink-3 select-none hover:text-link focus-visible:-outline-offset-2',
                line === pointed && 'font-medium text-ink',
              )}
            >
              {line}
            </a>
            <code className="min-w-0 flex-1 pr-4 whitespace-pre-wrap wrap-anywhere">
              {colours?.[line - 1]
                ? colours[line - 1]?.map(([part, kind], n) =>
                    kind ? (
                      <span key={n} className={`tok-${kind}`}>
                        {part}
                      </span>
                    ) : (
                      part
                    ),
                  )
                : text}
              {'\n'}
            </code>
          </div>
        )
      })}
    </div>
  )
})
