import type { Plan } from '@/api/generated/types.gen'
import { cn } from '@/lib/cn'
import { compareLines, linesOf } from './plan-text'

const looks = { same: '', added: 'bg-diff-add', removed: 'bg-diff-del' }
const marks = { same: ' ', added: '+', removed: '−' }

/** What is different from the version before. */
export function PlanChanges({ before, after }: { before: Plan; after: Plan }) {
  const lines = compareLines(linesOf(before), linesOf(after))
  return (
    <ol
      aria-label="Changes of the plan"
      className="overflow-hidden rounded-lg border border-line bg-surface py-1 text-sm"
    >
      {lines.map(({ kind, text }, i) => (
        <li key={i} className={cn('flex gap-2 px-3 py-0.5 whitespace-pre-wrap', looks[kind])}>
          <span aria-hidden className="w-3 shrink-0 text-ink-3">
            {marks[kind]}
          </span>
          {kind !== 'same' && <span className="sr-only">{kind}: </span>}
          <span className="min-w-0 wrap-anywhere">{text}</span>
        </li>
      ))}
    </ol>
  )
}
