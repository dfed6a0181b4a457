import { useMutation } from '@tanstack/react-query'
import { SendHorizontal } from 'lucide-react'
import { type FormEvent, useRef } from 'react'
import { sendMessageMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Run } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem } from '@/components/problem-card'
import { useMe } from '@/components/session'
import { runCannot } from '@/components/states'
import { Button } from '@/components/ui/button'
import { Textarea } from '@/components/ui/input'
import { useKeys } from '@/components/use-keys'
import { dropDraft, keepDraft, useDraft } from '@/stores/drafts'
import { toast } from '@/stores/toasts'

/** A word to the agent while it works; it reads it before its next turn. */
export function Composer({ run }: { run: Run }) {
  const me = useMe()
  const place = `message/${run.id}`
  const text = useDraft(place)
  const box = useRef<HTMLTextAreaElement>(null)
  const why = whyNot(me, 'work') || runCannot(run, 'message')
  const send = useMutation({
    ...sendMessageMutation(),
    onSuccess: () => {
      dropDraft(place)
      toast('Sent; the agent reads it before its next turn', { kind: 'ok' })
    },
  })
  useKeys([{ keys: 'm', label: 'Message the agent', group: 'This page', run: () => box.current?.focus() }])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (why || text.trim() === '' || send.isPending) return
    send.mutate({
      path: { id: run.id },
      body: { text: text.trim() },
    })
  }
  return (
    <form onSubmit={submit} className="shrink-0 border-t border-line bg-surface p-2 lg:px-4">
      <div className="flex items-end gap-2">
        <Textarea
          ref={box}
          rows={text.includes('\n') ? 4 : 1}
          aria-label="Message the agent"
          placeholder={why || 'Message the agent; it reads this before its next turn'}
          disabled={Boolean(why)}
          value={text}
          onChange={(event) => keepDraft(place, event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event)
            if (event.key === 'Escape') box.current?.blur()
          }}
        />
        <Button
          type="submit"
          look="primary"
          busy={send.isPending}
          why={why || (text.trim() === '' && 'Write something first')}
          keys="mod+enter"
        >
          <SendHorizontal /> Send
        </Button>
      </div>
      {send.error && (
        <div className="mt-2">
          <FormProblem error={send.error} words={{ text: 'Your message' }} />
        </div>
      )}
    </form>
  )
}
