import { type ReactNode, useState } from 'react'
import type { ApiError } from '@/api/problem'
import { FormProblem } from './problem-card'
import { Button } from './ui/button'
import { Dialog } from './ui/dialog'
import { Field } from './ui/field'
import { Input } from './ui/input'

interface ConfirmProps {
  open: boolean
  onClose: () => void
  title: string
  /** What will happen. */
  children: ReactNode
  action: string
  danger?: boolean
  /** Must be typed first: for what cannot be taken back. */
  typed?: string | undefined
  busy?: boolean
  error?: ApiError | null
  onConfirm: () => void
}

/** Asks before something is done that is hard to take back. */
export function Confirm({
  open,
  onClose,
  title,
  children,
  action,
  danger,
  typed,
  busy,
  error,
  onConfirm,
}: ConfirmProps) {
  const [text, setText] = useState('')
  const missing = typed !== undefined && text.trim() !== typed
  const close = () => {
    setText('')
    onClose()
  }
  return (
    <Dialog
      open={open}
      onClose={close}
      title={title}
      footer={
        <>
          <Button onClick={close}>Keep as it is</Button>
          <Button
            look={danger ? 'danger' : 'primary'}
            busy={busy}
            why={missing && `Type ${typed} first`}
            onClick={onConfirm}
          >
            {action}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3 text-sm">
        <div className="text-ink-2">{children}</div>
        {typed !== undefined && (
          <Field
            label={
              <>
                Type <code className="rounded-sm bg-surface-2 px-1">{typed}</code> to go on
              </>
            }
          >
            <Input value={text} onChange={(event) => setText(event.target.value)} autoComplete="off" />
          </Field>
        )}
        <FormProblem error={error ?? null} />
      </div>
    </Dialog>
  )
}
