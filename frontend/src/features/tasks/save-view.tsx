import { type FormEvent, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { keepView, useViews } from '@/stores/views'

/** Gives the filters of an address a name. */
export default function SaveView({ search, onClose }: { search: string; onClose: () => void }) {
  const [name, setName] = useState('')
  const taken = useViews().some((view) => view.name === name.trim())
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() === '') return
    keepView({ name: name.trim(), search })
    onClose()
  }
  return (
    <Dialog open onClose={onClose} title="Save this view">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Name"
          hint={
            taken
              ? 'There is one of this name; it is replaced.'
              : 'It stands beside the common filters, in this browser.'
          }
        >
          <Input autoFocus required maxLength={40} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary" why={name.trim() === '' && 'Give it a name first'}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
