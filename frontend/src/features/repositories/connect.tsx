import { useMutation, useQueryClient } from '@tanstack/react-query'
import { FlaskConical } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { createRepositoryMutation, createSampleRepositoryMutation } from '@/api/generated/@tanstack/react-query.gen'
import { whyNot } from '@/api/me'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { SwitchField } from '@/components/ui/toggle'
import { toast } from '@/stores/toasts'

/** Connects a repository by its address, or makes the sample one. */
export function Connect({ open, onClose }: { open: boolean; onClose: () => void }) {
  const me = useMe()
  const cache = useQueryClient()
  const [form, setForm] = useState({ url: '', name: '', branch: '', team: false })
  const done = (name: string) => {
    toast(`${name} is connected`, { kind: 'ok' })
    void cache.invalidateQueries()
    setForm({ url: '', name: '', branch: '', team: false })
    onClose()
  }
  const connect = useMutation({ ...createRepositoryMutation(), onSuccess: ({ name }) => done(name) })
  const sample = useMutation({ ...createSampleRepositoryMutation(), onSuccess: ({ name }) => done(name) })
  const why = whyNot(me, 'work')
  const { error } = connect
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const [name, branch] = [form.name.trim(), form.branch.trim()]
    connect.mutate({
      body: {
        url: form.url.trim(),
        ...(name ? { name } : {}),
        ...(branch ? { default_branch: branch } : {}),
        visibility: form.team ? 'team' : 'private',
      },
    })
  }
  return (
    <Dialog open={open} onClose={onClose} title="Connect a repository">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="Address"
          hint="https://github.com/you/project, any address git understands, or a folder on the server where that is allowed."
          error={error?.field('url')}
        >
          <Input
            autoFocus
            required
            placeholder="https://github.com/you/project"
            value={form.url}
            onChange={(event) => setForm({ ...form, url: event.target.value })}
          />
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Name" hint="Made from the address when empty." error={error?.field('name')}>
            <Input value={form.name} onChange={(event) => setForm({ ...form, name: event.target.value })} />
          </Field>
          <Field label="Main branch" hint="The repository's own when empty." error={error?.field('default_branch')}>
            <Input value={form.branch} onChange={(event) => setForm({ ...form, branch: event.target.value })} />
          </Field>
        </div>
        <SwitchField
          label="Everybody here may see it"
          hint="Otherwise only you and those who look after all work."
          checked={form.team}
          onChange={(event) => setForm({ ...form, team: event.target.checked })}
        />
        <FormProblem error={error} shown={['url', 'name', 'default_branch']} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary" busy={connect.isPending} why={why}>
            Connect
          </Button>
        </div>
      </form>
      <div className="mt-4 flex flex-wrap items-center gap-3 rounded-md border border-line p-3 text-sm">
        <FlaskConical aria-hidden className="size-5 text-ink-3" />
        <p className="flex-1 basis-48">
          Only want to try it? A small Python project with a failing test is made for you.
        </p>
        <Button busy={sample.isPending} why={why} onClick={() => sample.mutate({})}>
          Add the sample
        </Button>
        <FormProblem error={sample.error} />
      </div>
    </Dialog>
  )
}
