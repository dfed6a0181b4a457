import { Plus, Trash2 } from 'lucide-react'
import { type FormEvent, useRef, useState } from 'react'
import type { Plan } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { FormProblem } from '@/components/problem-card'
import { Button, IconButton } from '@/components/ui/button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input, Textarea } from '@/components/ui/input'

interface EditorProps {
  plan: Plan
  busy: boolean
  error: ApiError | null
  onClose: () => void
  onSend: (plan: Plan) => void
}

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)

/** As many as are written, within bounds: what is cut off is not read. */
const rowsOf = (text: string) => Math.min(8, Math.max(2, text.split('\n').length))

/** The plan in one's own words; sending it approves it. */
export function PlanEditor({ plan, busy, error, onClose, onSend }: EditorProps) {
  const [summary, setSummary] = useState(plan.summary)
  const [items, setItems] = useState(plan.items.map((item) => ({ ...item, done: item.acceptance.join('\n') })))
  const change = (at: number, what: Partial<(typeof items)[number]>) =>
    setItems(items.map((item, i) => (i === at ? { ...item, ...what } : item)))
  // Counted, as parts that are gone leave their numbers free.
  const added = useRef(0)
  const add = () => {
    added.current += 1
    setItems([...items, { id: `own-${added.current}`, title: '', done: '', files: [], acceptance: [], tests: [] }])
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const kept = items.filter(({ title }) => title.trim() !== '')
    onSend({
      ...plan,
      summary,
      questions: [],
      items: kept.map(({ done, ...item }) => ({ ...item, title: item.title.trim(), acceptance: lines(done) })),
    })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Edit the plan"
      description="Sending it approves it: the code is written by your version."
      wide
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Summary">
          <Textarea
            rows={Math.max(3, rowsOf(summary))}
            value={summary}
            onChange={(event) => setSummary(event.target.value)}
          />
        </Field>
        <ol className="flex flex-col gap-3">
          {items.map((item, i) => (
            <li key={item.id} className="flex flex-col gap-2 rounded-md border border-line p-3">
              <div className="flex items-end gap-2">
                <Field label={`Part ${i + 1}`} className="flex-1">
                  <Input value={item.title} onChange={(event) => change(i, { title: event.target.value })} />
                </Field>
                <IconButton label={`Remove part ${i + 1}`} onClick={() => setItems(items.filter((_, at) => at !== i))}>
                  <Trash2 />
                </IconButton>
              </div>
              <Field label="Done when (a line each)">
                <Textarea
                  rows={rowsOf(item.done)}
                  value={item.done}
                  onChange={(event) => change(i, { done: event.target.value })}
                />
              </Field>
            </li>
          ))}
        </ol>
        <Button className="self-start" onClick={add}>
          <Plus /> Add a part
        </Button>
        <FormProblem error={error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Close</Button>
          <Button
            type="submit"
            look="primary"
            busy={busy}
            why={items.every(({ title }) => title.trim() === '') && 'A plan needs a part'}
          >
            Approve this version
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
