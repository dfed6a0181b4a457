import type { Repository, RepositoryUpdate } from '@/api/generated/types.gen'

/** What a repository is called and who sees it, as it is typed. */
export interface GeneralWords {
  name: string
  branch: string
  team: boolean
}

export const wordsOf = (repository: Repository): GeneralWords => ({
  name: repository.name,
  branch: repository.default_branch,
  team: repository.visibility === 'team',
})

/** What is sent: only what was changed, so that nothing else is overwritten. */
export function changesOf(repository: Repository, { name, branch, team }: GeneralWords): RepositoryUpdate {
  const was = wordsOf(repository)
  return {
    ...(name === was.name ? {} : { name }),
    ...(branch === was.branch ? {} : { default_branch: branch }),
    ...(team === was.team ? {} : { visibility: team ? 'team' : 'private' }),
  }
}
