import { type FormEvent, type RefObject, useRef, useState } from 'react'
import type { Decision } from '@/api/generated/types.gen'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Textarea } from '@/components/ui/input'
import { dropDraft, keepDraft, useDraft } from '@/stores/drafts'
import { useGlance } from './use-glance'
import { useKeys } from './use-keys'

type Objecting = Exclude<Decision, 'approve'>

interface ObjectionState {
  place: string
  /** What one is about to say; nothing as long as one only looks. */
  asking: Objecting | undefined
  typed: string
  box: RefObject<HTMLTextAreaElement | null>
  ask: (what: Objecting) => void
  stop: () => void
  /** It was said. */
  done: () => void
}

/** Not like this, or no, with words that survive a reload at this place. */
export function useObjection(place: string): ObjectionState {
  const typed = useDraft(place)
  const [asking, setAsking] = useState<Objecting | undefined>(typed ? 'request_changes' : undefined)
  const box = useRef<HTMLTextAreaElement>(null)
  const stop = () => setAsking(undefined)
  return {
    place,
    asking,
    typed,
    box,
    ask: (what) => {
      setAsking(what)
      requestAnimationFrame(() => box.current?.focus())
    },
    stop,
    done: () => {
      dropDraft(place)
      stop()
    },
  }
}

interface DecisionKeys {
  /** What is decided on: it has to be looked at for a moment first. */
  id: string
  yes: string
  /** Other keys that say yes as well. */
  alsoYes?: string
  can: boolean
  onYes: () => void
  onChanges: () => void
}

/** Keys that are pressed together mean something wherever one is: not what lies under a dialog or beside a box one types
 *  in. */
const isElsewhere = ({ target }: KeyboardEvent) =>
  document.querySelector('[role="dialog"], [role="menu"]') !== null ||
  (target instanceof HTMLElement && target.matches('textarea, select, input:not([type=checkbox], [type=radio])'))

/** A for yes, R for not like this; neither before it could be read. */
export function useDecisionKeys({ id, yes, alsoYes, can, onYes, onChanges }: DecisionKeys): void {
  const glanced = useGlance(id)
  const pressed = (act: () => void) => (event: KeyboardEvent) => {
    if (can && glanced(event) && !isElsewhere(event)) act()
  }
  useKeys([
    { keys: 'a', label: yes, group: 'This page', run: pressed(onYes) },
    ...(alsoYes ? [{ keys: alsoYes, label: yes, group: 'This page', run: pressed(onYes) } as const] : []),
    { keys: 'r', label: 'Ask for changes', group: 'This page', run: pressed(onChanges) },
  ])
}

interface ObjectionProps {
  objection: ObjectionState
  /** What is decided on: `plan`. */
  of: string
  busy: boolean
  onSend: (decision: Objecting, text: string) => void
}

/** What should be different, or why not. */
export function Objection({ objection: { place, asking, typed, box, stop }, of, busy, onSend }: ObjectionProps) {
  if (!asking) return null
  const text = typed.trim()
  const silent = asking === 'request_changes' && text === ''
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (!silent) onSend(asking, text)
  }
  return (
    <form onSubmit={send} className="flex w-full flex-col gap-2 text-ink">
      <Field label={asking === 'reject' ? 'Why not? (may be left empty)' : 'What should be different?'}>
        <Textarea
          ref={box}
          rows={3}
          value={typed}
          onChange={(event) => keepDraft(place, event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) send(event)
            if (event.key === 'Escape') stop()
          }}
        />
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button
          type="submit"
          look={asking === 'reject' ? 'danger' : 'primary'}
          busy={busy}
          why={silent && 'Say what should be different'}
          keys="mod+enter"
        >
          {asking === 'reject' ? `Reject the ${of}` : 'Send'}
        </Button>
        <Button look="quiet" onClick={stop}>
          Back
        </Button>
      </div>
    </form>
  )
}
