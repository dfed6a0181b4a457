import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRepositoryQueryKey, syncRepositoryMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { toast } from '@/stores/toasts'
import { goesOn, tellOf } from './fetches'

/** Fetches a repository now. One that takes long is asked after until it has ended. */
export function useSync(id: string) {
  const cache = useQueryClient()
  const key = getRepositoryQueryKey({ path: { id } })
  return useMutation({
    ...syncRepositoryMutation(),
    onSuccess: (fresh) => {
      const before = cache.getQueryData<Repository>(key)
      if (before && fresh.synced_at === before.synced_at) {
        goesOn(fresh)
        toast(`${fresh.name} is still being fetched`, { detail: 'It takes longer than others. Its end is told here.' })
      } else tellOf(fresh)
      cache.setQueryData(key, fresh)
      void cache.invalidateQueries()
    },
    onError: (failure) => void toast(failure.message, { kind: 'bad' }),
  })
}
