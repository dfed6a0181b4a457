import { useMutation, useQueryClient } from '@tanstack/react-query'
import { BookmarkPlus, BookmarkX, Pencil } from 'lucide-react'
import { Suspense, useState } from 'react'
import { deleteViewMutation, listViewsQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import type { SavedView, ViewPage } from '@/api/generated/types.gen'
import { part } from '@/components/part'
import { Button } from '@/components/ui/button'
import { toast } from '@/stores/toasts'

const SaveView = part(() => import('./save-view'))

interface ViewActionsProps {
  page: ViewPage
  /** The filters that are set, as they would be saved. */
  query: string
  own: SavedView[]
  /** What they are called already. */
  known: boolean
  /** The one of one's own that they are. */
  chosen: string | undefined
}

/** What to do with the filters that are set: give them a name, or take it away. */
export default function ViewActions({ page, query, own, known, chosen }: ViewActionsProps) {
  const cache = useQueryClient()
  const changed = () => cache.invalidateQueries({ queryKey: listViewsQueryKey({ query: { page } }) })
  const forget = useMutation({
    ...deleteViewMutation(),
    onSettled: changed,
    onError: (error) => toast('The view is still there', { kind: 'bad', detail: error.message }),
  })
  const [saving, setSaving] = useState<'new' | 'renamed'>()
  const view = own.find(({ id }) => id === chosen)
  return (
    <>
      {!known && (
        <Button look="quiet" size="sm" onClick={() => setSaving('new')}>
          <BookmarkPlus /> Save view
        </Button>
      )}
      {view && (
        <Button look="quiet" size="sm" onClick={() => setSaving('renamed')}>
          <Pencil /> Rename view
        </Button>
      )}
      {chosen && (
        <Button look="quiet" size="sm" busy={forget.isPending} onClick={() => forget.mutate({ path: { id: chosen } })}>
          <BookmarkX /> Forget view
        </Button>
      )}
      <Suspense>
        {saving && (
          <SaveView
            page={page}
            query={query}
            views={own}
            renamed={saving === 'renamed' ? view : undefined}
            onSaved={changed}
            onClose={() => setSaving(undefined)}
          />
        )}
      </Suspense>
    </>
  )
}
