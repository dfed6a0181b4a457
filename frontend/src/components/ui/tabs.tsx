import { Tabs as Radix } from 'radix-ui'
import { type ReactNode, useEffect, useRef } from 'react'

export interface Tab<T extends string> {
  value: T
  label: string
  /** A number or a mark behind the word. */
  badge?: ReactNode
}

/** Tabs whose choice lives in the address: the caller says which is open. */
export function Tabs<T extends string>({
  label,
  value,
  tabs,
  onChange,
  onNear,
  children,
}: {
  label: string
  value: T
  tabs: Tab<T>[]
  onChange: (value: T) => void
  /** Somebody is about to open one. */
  onNear?: (value: T) => void
  children: ReactNode
}) {
  const list = useRef<HTMLDivElement>(null)
  // On a narrow screen the open one may lie beyond the edge.
  // biome-ignore lint/correctness/useExhaustiveDependencies: happens when another one is opened
  useEffect(() => {
    list.current?.querySelector('[data-state=active]')?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' })
  }, [value])
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => onChange(next as T)}
      className="flex min-h-[min(28rem,85dvh)] flex-1 flex-col"
    >
      <Radix.List
        ref={list}
        aria-label={label}
        className="flex shrink-0 gap-1 overflow-x-auto border-b border-line px-4 [scrollbar-width:none] lg:px-6"
      >
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            onPointerEnter={() => onNear?.(tab.value)}
            onFocus={() => onNear?.(tab.value)}
            className="-mb-px flex h-9 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-2 text-sm text-ink-2 hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-primary data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {tab.label}
            {tab.badge !== undefined && <span className="nums text-xs text-ink-3">{tab.badge}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      <Radix.Content value={value} className="flex min-h-0 flex-1 flex-col focus-visible:-outline-offset-2">
        {children}
      </Radix.Content>
    </Radix.Root>
  )
}
