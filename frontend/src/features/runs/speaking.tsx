import { Sparkles } from 'lucide-react'
import type { Manner, WordsFrame } from '@/api/generated/types.gen'

const manners: Record<Manner, string> = { says: 'says', thinks: 'thinks', uses: 'prepares a tool' }

/** What a model is just saying: its last lines, as they come. The whole is an event once it has ended. */
export default function Speaking({ words }: { words: WordsFrame }) {
  return (
    <div className="flex shrink-0 gap-2 border-t border-line bg-surface-2 px-3 py-1.5 text-xs lg:px-4">
      <Sparkles aria-hidden className="mt-0.5 size-4 shrink-0 text-run" />
      <p className="min-w-0 flex-1">
        <span className="font-medium">
          {words.agent} {manners[words.manner]}
        </span>{' '}
        <span aria-hidden className="line-clamp-2 wrap-anywhere whitespace-pre-wrap text-ink-2">
          {words.text.trimEnd().split('\n').slice(-2).join('\n').slice(-300)}
        </span>
      </p>
    </div>
  )
}
