import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'

const tones = { plan: 'bg-plan-tint text-plan', wait: 'bg-wait-tint text-wait', bad: 'bg-bad-tint text-bad' }

/** What a run needs, in its colour, with the answer to it. */
export function Frame({
  tone,
  icon,
  title,
  children,
}: {
  tone: keyof typeof tones
  icon: ReactNode
  title: string
  children?: ReactNode
}) {
  return (
    <section
      aria-label="What this run needs"
      className={cn(
        'flex flex-wrap items-start gap-3 rounded-md px-3 py-2 text-sm [&>svg]:mt-1.5 [&>svg]:size-4 [&>svg]:shrink-0',
        tones[tone],
      )}
    >
      {icon}
      <p className="min-w-0 flex-1 basis-60 py-1 font-medium wrap-anywhere">{title}</p>
      {children}
    </section>
  )
}
