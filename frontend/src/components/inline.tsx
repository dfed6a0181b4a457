/** One line in which `names of code` stand out; nothing else of Markdown. */
export function Inline({ text }: { text: string }) {
  return (
    <span className="min-w-0 wrap-anywhere">
      {text.split('`').map((part, i) =>
        i % 2 === 1 ? (
          <code key={i} className="rounded-sm bg-surface-2 px-1 text-[0.92em]">
            {part}
          </code>
        ) : (
          part
        ),
      )}
    </span>
  )
}
