import { useMutation, useQueryClient } from '@tanstack/react-query'
import { FlaskConical } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { createRepositoryMutation, createSampleRepositoryMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Repository } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { toast } from '@/stores/toasts'
import { ConnectFields, type Connecting, connectFields } from './connect-fields'

const blank: Connecting = { url: '', name: '', branch: '', token: '', team: false }

/** Connects a repository by its address, or makes the sample one. */
export function Connect({ open, onClose }: { open: boolean; onClose: () => void }) {
  const cache = useQueryClient()
  const done = ({ name, pending_since }: Repository) => {
    toast(`${name} is connected`, {
      kind: 'ok',
      ...(pending_since ? { detail: 'Its files are still being fetched.' } : {}),
    })
    void cache.invalidateQueries()
    onClose()
  }
  return (
    <Dialog open={open} onClose={onClose} title="Connect a repository">
      {/* Drawn only while it is open, so that nothing is kept of a token that was typed. */}
      <ConnectForm onDone={done} onClose={onClose} />
      <Sample onDone={done} />
    </Dialog>
  )
}

interface DoneProps {
  onDone: (repository: Repository) => void
}

function ConnectForm({ onDone, onClose }: DoneProps & { onClose: () => void }) {
  const me = useMe()
  const [form, setForm] = useState(blank)
  const connect = useMutation({ ...createRepositoryMutation(), onSuccess: onDone })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const [name, branch, token] = [form.name.trim(), form.branch.trim(), form.token.trim()]
    connect.mutate({
      body: {
        url: form.url.trim(),
        ...(name ? { name } : {}),
        ...(branch ? { default_branch: branch } : {}),
        ...(token ? { token } : {}),
        visibility: form.team ? 'team' : 'private',
      },
    })
  }
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ConnectFields form={form} onChange={(change) => setForm({ ...form, ...change })} error={connect.error} />
      <FormProblem error={connect.error} shown={connectFields} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Close</Button>
        <Button type="submit" look="primary" busy={connect.isPending} why={whyNot(me, 'work')}>
          {connect.isPending ? 'Looking at it' : 'Connect'}
        </Button>
      </div>
    </form>
  )
}

function Sample({ onDone }: DoneProps) {
  const me = useMe()
  const sample = useMutation({ ...createSampleRepositoryMutation(), onSuccess: onDone })
  return (
    <div className="mt-4 flex flex-wrap items-center gap-3 rounded-md border border-line p-3 text-sm">
      <FlaskConical aria-hidden className="size-5 text-ink-3" />
      <p className="flex-1 basis-48">
        Only want to try it? A small Python project with a failing test is made for you.
      </p>
      <Button busy={sample.isPending} why={whyNot(me, 'work')} onClick={() => sample.mutate({})}>
        Add the sample
      </Button>
      <FormProblem error={sample.error} />
    </div>
  )
}
