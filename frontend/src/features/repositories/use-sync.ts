import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRepositoryQueryKey, syncRepositoryMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { toast } from '@/stores/toasts'

/** What came of it; that it failed is an answer as well. */
function tell(before: Repository | undefined, { name, sync_error, synced_at }: Repository) {
  if (sync_error) toast(`${name} could not be fetched`, { kind: 'bad', detail: sync_error })
  else if (synced_at === before?.synced_at)
    toast(`${name} is still being fetched`, { detail: 'It takes longer than others; look again in a moment.' })
  else toast(`${name} is up to date`, { kind: 'ok' })
}

/** Fetches a repository now. */
export function useSync(id: string) {
  const cache = useQueryClient()
  const key = getRepositoryQueryKey({ path: { id } })
  return useMutation({
    ...syncRepositoryMutation(),
    onSuccess: (fresh) => {
      tell(cache.getQueryData<Repository>(key), fresh)
      cache.setQueryData(key, fresh)
      void cache.invalidateQueries()
    },
    onError: (failure) => void toast(failure.message, { kind: 'bad' }),
  })
}
