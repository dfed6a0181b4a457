import { part, WhenHere } from '@/components/part'
import { cn } from '@/lib/cn'

const Markdown = part(() => import('./markdown'))

/** Nothing in it that Markdown would make anything of. Most of what agents say is such a sentence, and a list of thousands
 *  of them need not be parsed. */
const plain = (text: string) => !/[*_`~#[\]<>|\\&\n]|^\s*(?:[-+]|\d+[.)])\s|^\s{4}|https?:|www\.|\S@\S/.test(text)

/** Markdown that shows its plain text until the reader is there. */
export function RichText({ text, className }: { text: string; className?: string }) {
  if (plain(text))
    return (
      <div className={cn('prose-cg', className)}>
        <p>{text}</p>
      </div>
    )
  return (
    <WhenHere part={Markdown} fallback={<p className="text-sm whitespace-pre-wrap">{text}</p>}>
      <Markdown text={text} {...(className ? { className } : {})} />
    </WhenHere>
  )
}
