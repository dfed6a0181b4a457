import { count } from '@/lib/numbers'

/** Lines that came and lines that went. */
export function Counts({ added, removed }: { added: number; removed: number }) {
  if (added + removed === 0) return null
  return (
    <span className="nums text-xs whitespace-nowrap">
      <span className="text-ok">+{count(added)}</span> <span className="text-bad">−{count(removed)}</span>
      <span className="sr-only"> lines</span>
    </span>
  )
}
