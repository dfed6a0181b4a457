import { FileText } from 'lucide-react'
import type { ReactNode } from 'react'
import type { DiscoveredProfile } from '@/api/generated/types.gen'
import { percent } from '@/lib/numbers'

/** Shades of ink: a language is no state, so it has no colour of its own. */
const shades = ['bg-ink', 'bg-ink-2', 'bg-ink-3', 'bg-line-strong', 'bg-line'] as const

/** What is found in a repository when nobody says anything. */
export function Discovered({ found }: { found: DiscoveredProfile }) {
  return (
    <aside
      aria-labelledby="discovered"
      className="flex flex-col gap-4 rounded-lg border border-line bg-surface p-4 text-sm"
    >
      <div>
        <h3 id="discovered" className="font-medium">
          Found in the repository
        </h3>
        <p className="text-xs text-ink-3">
          at <code>{found.commit.slice(0, 12)}</code>
        </p>
      </div>
      <Part title="Written in">
        <Languages found={found} />
      </Part>
      <Part title="Tests">
        {found.suites === undefined ? (
          <p className="text-ink-2">It is too large to be looked at here; every run looks by itself.</p>
        ) : found.suites.length === 0 ? (
          <p className="text-ink-2">No manifest and no CI file says how they are run.</p>
        ) : (
          <ul className="flex flex-col gap-2">
            {found.suites.map(({ command, folder, because, framework }) => (
              <li key={`${folder}/${command}`}>
                <code className="block rounded-sm bg-surface-2 px-1.5 py-1 text-xs wrap-anywhere">{command}</code>
                <span className="mt-0.5 block text-xs wrap-anywhere text-ink-3">
                  {folder && (
                    <>
                      in <code>{folder}</code>,{' '}
                    </>
                  )}
                  because of <code>{because}</code>
                  {framework !== 'other' && ` · ${framework.replaceAll('_', ' ')}`}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Part>
      {found.registries.length > 0 && (
        <Part title="Package registries">
          <ul className="flex flex-col gap-1">
            {found.registries.map(({ host, because }) => (
              <li key={`${host} ${because}`} className="wrap-anywhere">
                <code className="text-xs">{host}</code>
                <span className="block text-xs text-ink-3">
                  because of <code>{because}</code>
                </span>
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Part title="Words for agents">
        {found.guidance.length === 0 ? (
          <p className="text-ink-2">
            No <code className="text-xs">AGENTS.md</code> or <code className="text-xs">CLAUDE.md</code> in its top
            folder.
          </p>
        ) : (
          <ul className="flex flex-col gap-1">
            {found.guidance.map((file) => (
              <li key={file} className="flex items-center gap-1.5">
                <FileText aria-hidden className="size-4 shrink-0 text-ink-3" />
                <code className="text-xs wrap-anywhere">{file}</code>
              </li>
            ))}
          </ul>
        )}
      </Part>
    </aside>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <h4 className="mb-1 text-xs text-ink-3">{title}</h4>
      {children}
    </div>
  )
}

function Languages({ found }: { found: DiscoveredProfile }) {
  const all = found.languages.reduce((sum, { bytes }) => sum + bytes, 0)
  if (all === 0) return <p className="text-ink-2">No language is known by its files.</p>
  const shown = found.languages.slice(0, shades.length)
  return (
    <>
      <span aria-hidden className="mb-2 flex h-1.5 gap-px overflow-hidden rounded-full bg-sunken">
        {shown.map(({ name, bytes }, i) => (
          <span key={name} className={shades[i]} style={{ width: `${(bytes / all) * 100}%` }} />
        ))}
      </span>
      <ul className="flex flex-wrap gap-x-3 gap-y-1">
        {shown.map(({ name, bytes, files }, i) => (
          <li key={name} className="flex items-center gap-1.5" title={`${files} files`}>
            <span aria-hidden className={`size-2 rounded-full border border-line-strong ${shades[i]}`} />
            {name} <span className="nums text-ink-3">{percent(bytes / all)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
