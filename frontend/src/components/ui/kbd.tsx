import { cn } from '@/lib/cn'

const mac = /Mac|iP(hone|ad)/.test(typeof navigator === 'undefined' ? '' : navigator.platform)
const names: Record<string, string> = {
  mod: mac ? '⌘' : 'Ctrl',
  enter: '⏎',
  esc: 'Esc',
  shift: '⇧',
  up: '↑',
  down: '↓',
}

/** Keys as they stand on the keyboard: `mod+k`, `g t`. */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  return (
    <span className={cn('inline-flex items-center gap-0.5', className)} aria-hidden>
      {keys.split(/[ +]/).map((key, i) => (
        <kbd
          key={i}
          className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm border border-current px-1 font-sans text-2xs leading-none"
        >
          {names[key] ?? key.toUpperCase()}
        </kbd>
      ))}
    </span>
  )
}
