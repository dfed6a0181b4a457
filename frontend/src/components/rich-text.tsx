import { lazy, Suspense } from 'react'

const Markdown = lazy(() => import('./markdown'))

/** Markdown that shows its plain text until the reader is there. */
export function RichText({ text, className }: { text: string; className?: string }) {
  return (
    <Suspense fallback={<p className="text-sm whitespace-pre-wrap">{text}</p>}>
      <Markdown text={text} {...(className ? { className } : {})} />
    </Suspense>
  )
}
