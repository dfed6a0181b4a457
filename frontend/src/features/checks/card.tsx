import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'

/** A part of the checks that opens and closes; what it comes to stands in its head. */
export function Card({ head, open, children }: { head: ReactNode; open?: boolean; children: ReactNode }) {
  return (
    <details open={open} className="group/card rounded-lg border border-line bg-surface">
      <summary className="flex cursor-pointer flex-wrap items-center gap-2 px-4 py-3">
        <ChevronRight
          aria-hidden
          className="-ml-1 size-4 shrink-0 text-ink-3 transition-transform group-open/card:rotate-90"
        />
        {head}
      </summary>
      {children}
    </details>
  )
}
