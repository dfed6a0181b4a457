import { Link } from '@tanstack/react-router'
import type { ComponentProps } from 'react'
import type { RepositorySearch } from '@/lib/searches'

/** A place in the files of a repository. */
export interface CodePlace {
  /** A file, or a folder with a slash at its end; the top folder when nothing is said. */
  path?: string | undefined
  line?: number | undefined
  /** A branch, a tag or a commit; the main branch when nothing is said. */
  at?: string | undefined
}

/** What the address says of a place. */
export const searchOf = ({ path, line, at }: CodePlace): RepositorySearch => ({
  tab: 'code',
  path: path || undefined,
  line,
  ref: at,
})

type Rest = Omit<ComponentProps<'a'>, 'href' | 'ref'>

/** The way to a place in the files of a repository. */
export function CodeLink({ repository, path, line, at, ...props }: CodePlace & Rest & { repository: string }) {
  return (
    <Link
      to="/repositories/$repositoryId"
      params={{ repositoryId: repository }}
      search={searchOf({ path, line, at })}
      {...props}
    />
  )
}
