import { FileCode } from 'lucide-react'
import { useState } from 'react'
import type { MapFile, SymbolKind } from '@/api/generated/types.gen'
import { count, plural } from '@/lib/numbers'
import { CodeLink } from '../code-link'

/** A kind as it is written in code; a new one does not compile until it has a word. */
const kinds: Record<SymbolKind, string> = {
  function: 'fn',
  method: 'method',
  class: 'class',
  interface: 'iface',
  module: 'mod',
  macro: 'macro',
  type: 'type',
  constant: 'const',
}

/** So many are shown at once. */
const FEW = 12

interface CardProps {
  /** Its place among all files. */
  rank: number
  file: MapFile
  place: { repository: string; at: string | undefined }
}

/** A file of the map with its outline; every name leads to its line. */
export function MapFileCard({ rank, file: { path, symbols }, place }: CardProps) {
  const [all, setAll] = useState(false)
  const shown = all ? symbols : symbols.slice(0, FEW)
  return (
    <li aria-label={path} className="overflow-hidden rounded-lg border border-line bg-surface">
      <p className="flex items-center gap-2 border-b border-line bg-surface-2 px-3 py-1.5 text-sm">
        <span className="nums w-6 shrink-0 text-right text-xs text-ink-3">{count(rank)}</span>
        <FileCode aria-hidden className="size-4 shrink-0 text-ink-3" />
        <CodeLink
          {...place}
          path={path}
          className="min-w-0 flex-1 font-mono text-xs leading-6 font-medium wrap-anywhere hover:underline"
        >
          {path}
        </CodeLink>
        <span className="nums shrink-0 text-xs text-ink-3 max-sm:hidden">{plural(symbols.length, 'name')}</span>
      </p>
      <ol className="p-2 text-xs sm:columns-2 xl:columns-3">
        {shown.map(({ kind, name, line }) => (
          <li key={`${line} ${name}`} className="break-inside-avoid">
            <CodeLink
              {...place}
              path={path}
              line={line}
              className="group flex min-h-6 items-baseline gap-2 rounded-sm px-1 py-0.5 hover:bg-surface-2"
            >
              <span className="w-12 shrink-0 text-right text-ink-3">{kinds[kind]}</span>
              <code className={kind === 'method' ? 'min-w-0 pl-3 wrap-anywhere' : 'min-w-0 font-medium wrap-anywhere'}>
                {name}
              </code>
              <span className="nums shrink-0 text-ink-3">
                <span className="sr-only">, line </span>
                {line}
              </span>
            </CodeLink>
          </li>
        ))}
      </ol>
      {symbols.length > FEW && (
        <button
          type="button"
          aria-expanded={all}
          onClick={() => setAll(!all)}
          className="w-full border-t border-line px-3 py-1.5 text-left text-xs text-ink-2 hover:text-ink"
        >
          {all ? 'Show fewer' : `Show all ${symbols.length}`}
        </button>
      )}
    </li>
  )
}
