import { keepDraft, useDraft } from '@/stores/drafts'

/** Files that were ticked as read; kept, so that reading goes on where it stopped. */
export function useViewed(runId: string): {
  has: (path: string) => boolean
  set: (path: string, viewed: boolean) => void
} {
  const place = `viewed/${runId}`
  const paths = useDraft(place).split('\n').filter(Boolean)
  return {
    has: (path) => paths.includes(path),
    set: (path, viewed) =>
      keepDraft(place, (viewed ? [...paths, path] : paths.filter((one) => one !== path)).join('\n')),
  }
}
