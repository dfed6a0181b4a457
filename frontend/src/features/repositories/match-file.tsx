import { ExternalLink, FileCode } from 'lucide-react'
import type { Repository } from '@/api/generated/types.gen'
import { CopyButton } from '@/components/ui/copy-button'
import { CodeLink } from './code-link'
import { type FoundFile, marked, onForge } from './matches'

interface MatchFileProps {
  file: FoundFile
  q: string
  repository: Repository
  at: string | undefined
}

/** A file in which something was found, with its lines; each leads to its place in the file. */
export function MatchFile({ file: { path, lines }, q, repository, at }: MatchFileProps) {
  const outside = onForge(repository, { path, line: lines[0]?.line, at })
  const place = { repository: repository.id, at, path }
  return (
    <li className="overflow-hidden rounded-lg border border-line bg-surface">
      <p className="flex items-center gap-2 border-b border-line bg-surface-2 px-3 py-1.5 text-sm">
        <FileCode aria-hidden className="size-4 shrink-0 text-ink-3" />
        <CodeLink
          {...place}
          className="min-w-0 flex-1 font-mono text-xs leading-6 font-medium wrap-anywhere hover:underline"
        >
          {path}
        </CodeLink>
        <CopyButton text={path} label={`Copy ${path}`} />
        {outside && (
          <a
            href={outside}
            target="_blank"
            rel="noreferrer"
            aria-label={`${path} on GitHub`}
            className="text-ink-3 hover:text-ink"
          >
            <ExternalLink aria-hidden className="size-4" />
          </a>
        )}
      </p>
      <ol className="py-1">
        {lines.map(({ line, text }) => (
          <li
            key={line}
            className="relative flex items-start gap-3 px-3 font-mono text-xs leading-6 hover:bg-surface-2"
          >
            <CodeLink
              {...place}
              line={line}
              className="nums w-10 shrink-0 text-right text-ink-3 after:absolute after:inset-0 hover:text-link focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
            >
              {/* Read to those who do not see which file the line stands under. */}
              <span className="sr-only">{path}:</span>
              {line}
            </CodeLink>
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
