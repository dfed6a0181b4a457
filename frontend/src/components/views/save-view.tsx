import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { createView, updateView } from '@/api/generated/sdk.gen'
import type { SavedView, ViewPage } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { FormProblem } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'

interface SaveViewProps {
  page: ViewPage
  /** What stands behind the `?`. */
  query: string
  views: SavedView[]
  /** The one that is to be called otherwise. */
  renamed?: SavedView | undefined
  onSaved: () => void
  onClose: () => void
}

/** Gives the filters of an address a name. */
export default function SaveView({ page, query, views, renamed, onSaved, onClose }: SaveViewProps) {
  const [typed, setTyped] = useState(renamed?.name ?? '')
  const name = typed.trim()
  const taken = views.find((view) => view.name === name)
  const save = useMutation<unknown, ApiError>({
    mutationFn: () => {
      if (renamed) return updateView({ path: { id: renamed.id }, body: { name } })
      return taken
        ? updateView({ path: { id: taken.id }, body: { query } })
        : createView({ body: { page, name, query } })
    },
    onSuccess: onClose,
    // Also when it was refused: somebody else may have saved one of this name, in another window.
    onSettled: onSaved,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!why) save.mutate()
  }
  const why =
    (name === '' && 'Give it a name first') ||
    (renamed !== undefined &&
      ((name === renamed.name && 'It is called so already') || (taken !== undefined && 'Another one is called so')))
  return (
    <Dialog open onClose={onClose} title={renamed ? 'Rename this view' : 'Save this view'}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Name"
          hint={
            taken && !renamed
              ? 'There is one of this name; it is replaced.'
              : 'It stands beside the filters, wherever you sign in.'
          }
          error={save.error?.field('name')}
        >
          <Input autoFocus required maxLength={100} value={typed} onChange={(event) => setTyped(event.target.value)} />
        </Field>
        <FormProblem error={save.error} shown={['name']} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary" busy={save.isPending} why={why}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
