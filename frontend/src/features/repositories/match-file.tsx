import { ExternalLink, FileCode } from 'lucide-react'
import type { Repository } from '@/api/generated/types.gen'
import { CopyButton } from '@/components/ui/copy-button'
import { type FoundFile, lineOnForge, marked } from './matches'

/** A file in which something was found, with its lines. */
export function MatchFile({ file, q, repository }: { file: FoundFile; q: string; repository: Repository }) {
  const first = lineOnForge(repository, file.path, file.lines[0]?.line ?? 1)
  return (
    <li className="overflow-hidden rounded-lg border border-line bg-surface">
      <p className="flex items-center gap-2 border-b border-line bg-surface-2 px-3 py-1.5 text-sm">
        <FileCode aria-hidden className="size-4 shrink-0 text-ink-3" />
        <code className="min-w-0 flex-1 text-xs font-medium wrap-anywhere">{file.path}</code>
        <CopyButton text={file.path} label={`Copy ${file.path}`} />
        {first && (
          <a
            href={first}
            target="_blank"
            rel="noreferrer"
            aria-label={`${file.path} on GitHub`}
            className="text-ink-3 hover:text-ink"
          >
            <ExternalLink aria-hidden className="size-4" />
          </a>
        )}
      </p>
      <ol className="py-1">
        {file.lines.map(({ line, text }) => (
          <li key={line} className="flex items-start gap-3 px-3 font-mono text-xs leading-6 hover:bg-surface-2">
            <Place path={file.path} line={line} href={lineOnForge(repository, file.path, line)} />
            <code className="min-w-0 flex-1 whitespace-pre-wrap wrap-anywhere">
              {marked(text, q).map((part, i) =>
                i % 2 === 1 ? (
                  <mark key={i} className="rounded-xs bg-wait-tint text-wait">
                    {part}
                  </mark>
                ) : (
                  part
                ),
              )}
            </code>
          </li>
        ))}
      </ol>
    </li>
  )
}

/** `path:line`, to be read to those who do not see which file the line stands under. */
function Place({ path, line, href }: { path: string; line: number; href: string | undefined }) {
  const words = (
    <>
      <span className="sr-only">{path}:</span>
      {line}
    </>
  )
  const look = 'nums w-10 shrink-0 text-right text-ink-3'
  return href ? (
    <a href={href} target="_blank" rel="noreferrer" className={`${look} hover:text-link hover:underline`}>
      {words}
    </a>
  ) : (
    <span className={look}>{words}</span>
  )
}
