import type { ReactNode } from 'react'
import { useTitle } from './use-title'

/** The frame of the pages before one is signed in. */
export function AuthFrame({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  useTitle(title)
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-8">
      <div className="w-full max-w-sm">
        <p className="mb-6 flex items-center justify-center gap-2 text-md font-semibold">
          <img src="/icon.svg" alt="" className="size-7" />
          CodeGraph
        </p>
        <div className="rounded-lg border border-line bg-surface p-6 shadow-lift">
          <h1 className="text-lg font-semibold">{title}</h1>
          {lead && <p className="mt-1 text-sm text-ink-2">{lead}</p>}
          <div className="mt-4">{children}</div>
        </div>
      </div>
    </main>
  )
}
