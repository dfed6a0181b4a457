import { Fragment } from 'react'
import { CodeLink } from '../code-link'

interface CrumbsProps {
  repository: { id: string; name: string }
  at: string | undefined
  path: string
}

/** Where one is, and the way up. */
export function Crumbs({ repository, at, path }: CrumbsProps) {
  const parts = path.split('/').filter(Boolean)
  return (
    <nav
      aria-label="Path"
      className="min-w-0 flex-1 font-mono text-xs leading-6 wrap-break-word max-sm:order-last max-sm:basis-full"
    >
      <CodeLink repository={repository.id} at={at} className="font-sans font-medium hover:underline">
        {repository.name}
      </CodeLink>
      {parts.map((part, i) => {
        const last = i === parts.length - 1
        return (
          <Fragment key={i}>
            <span aria-hidden className="px-1 text-ink-3">
              /
            </span>
            {last ? (
              <span aria-current="page" className="font-medium">
                {part}
              </span>
            ) : (
              <CodeLink
                repository={repository.id}
                at={at}
                path={`${parts.slice(0, i + 1).join('/')}/`}
                className="text-link hover:underline"
              >
                {part}
              </CodeLink>
            )}
          </Fragment>
        )
      })}
    </nav>
  )
}
