import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Input } from '@/components/ui/input'
import { useKeys } from '@/components/use-keys'
import { cn } from '@/lib/cn'

/** A pause in typing after which one is asked, in milliseconds. */
const PAUSE = 300

interface TextFilterProps {
  label: string
  text: string
  onText: (text: string) => void
  placeholder?: string
  className?: string
  mono?: boolean
  /** The key `/` leads here. */
  slash?: string
}

/** A box whose text goes into the address when typing pauses. */
export function TextFilter({ label, text, onText, placeholder = label, className, mono, slash }: TextFilterProps) {
  const input = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState(text)
  useKeys(slash ? [{ keys: '/', label: slash, group: 'Lists', run: () => input.current?.focus() }] : [])
  // The address may change without this box: back, or a saved view.
  useEffect(() => setTyped(text), [text])
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts the pause
  useEffect(() => {
    if (typed.trim() === text) return
    const timer = setTimeout(() => onText(typed.trim()), PAUSE)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <span className={cn('relative', className ?? 'w-full sm:w-56')}>
      {!mono && <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-3" />}
      <Input
        ref={input}
        type="search"
        spellCheck={false}
        maxLength={200}
        aria-label={label}
        placeholder={placeholder}
        className={mono ? 'font-mono text-xs' : 'pl-8'}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && input.current?.blur()}
      />
    </span>
  )
}
