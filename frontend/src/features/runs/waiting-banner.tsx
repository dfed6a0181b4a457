import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { CircleDollarSign, CircleX, Hand, MessageCircleQuestion } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { answerRunMutation, getRunOptions, raiseBudgetMutation } from '@/api/generated/@tanstack/react-query.gen'
import type { Run } from '@/api/generated/types.gen'
import { whyNot } from '@/api/me'
import { FormProblem } from '@/components/problem-card'
import { RichText } from '@/components/rich-text'
import { useMe } from '@/components/session'
import { Button } from '@/components/ui/button'
import { Input, Textarea } from '@/components/ui/input'
import { Skeleton } from '@/components/ui/skeleton'
import { money, toMicros } from '@/lib/numbers'
import { dropDraft, keepDraft, useDraft } from '@/stores/drafts'
import { DeliveryDecision } from './delivery-decision'
import { Frame } from './needs-frame'

/** What a run waits for, or why it failed, with the answer right there. */
export default function WaitingBanner({
  run,
  onPlan,
  onChecks,
}: {
  run: Run
  onPlan: () => void
  onChecks: () => void
}) {
  switch (run.status) {
    case 'awaiting_plan':
      return (
        <Frame tone="plan" icon={<Hand />} title="The plan waits for your decision. Waiting costs nothing.">
          <Button look="primary" onClick={onPlan}>
            Read the plan
          </Button>
        </Frame>
      )
    case 'awaiting_answer':
      return <Question run={run} />
    case 'awaiting_budget':
      return <OutOfBudget run={run} />
    case 'awaiting_delivery':
      return <DeliveryDecision key={run.id} run={run} onChecks={onChecks} />
    case 'failed':
      return <Frame tone="bad" icon={<CircleX />} title={run.failure?.reason ?? 'The run failed.'} />
    case 'needs_human':
      return (
        <Frame
          tone="wait"
          icon={<Hand />}
          title="The agents got no further; a person must look. What they have done is under Changes and Checks."
        />
      )
    default:
      return null
  }
}

function Question({ run }: { run: Run }) {
  const me = useMe()
  const cache = useQueryClient()
  // Kept until it is sent.
  const place = `answer/${run.id}`
  const text = useDraft(place)
  // What it asks is told of one run, and not in lists of them.
  const asked = useQuery(getRunOptions({ path: { id: run.id } }))
  const question = run.question ?? asked.data?.question
  const answer = useMutation({
    ...answerRunMutation(),
    onSuccess: () => {
      dropDraft(place)
      void cache.invalidateQueries()
    },
  })
  const send = (words: string) => !answer.isPending && answer.mutate({ path: { id: run.id }, body: { text: words } })
  const why = whyNot(me, 'work')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim()) send(text.trim())
  }
  return (
    <Frame tone="wait" icon={<MessageCircleQuestion />} title="The agent asks:">
      <form onSubmit={submit} className="flex w-full flex-col gap-2 text-ink">
        {question ? (
          <RichText text={question.text} />
        ) : asked.isPending ? (
          <Skeleton className="h-4 max-w-md" />
        ) : (
          <p>It needs an answer to go on.</p>
        )}
        {question && question.options.length > 0 && (
          <div className="flex flex-wrap gap-2">
            {question.options.map((option) => (
              <Button key={option} why={why} busy={answer.isPending} onClick={() => send(option)}>
                {option}
              </Button>
            ))}
          </div>
        )}
        <div className="flex items-end gap-2">
          <Textarea
            rows={2}
            aria-label="Your answer"
            placeholder="Your answer"
            value={text}
            onChange={(event) => keepDraft(place, event.target.value)}
          />
          <Button
            type="submit"
            look="primary"
            busy={answer.isPending}
            why={why || (text.trim() === '' && 'Write an answer first')}
          >
            Answer
          </Button>
        </div>
        <FormProblem error={answer.error} words={{ text: 'Your answer' }} />
      </form>
    </Frame>
  )
}

function OutOfBudget({ run }: { run: Run }) {
  const me = useMe()
  const cache = useQueryClient()
  const [text, setText] = useState('5')
  const [minutes, setMinutes] = useState('')
  const raise = useMutation({ ...raiseBudgetMutation(), onSuccess: () => void cache.invalidateQueries() })
  const micros = toMicros(text || '0')
  const more = Number(minutes || '0')
  const cap = run.budget_usd_micros ? ` of ${money(run.budget_usd_micros)}` : ''
  const spent = `${money(run.usage.cost_usd_micros)}${cap}`
  const wrong = micros === undefined || !Number.isInteger(more) || more < 0 || micros + more === 0
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (wrong) return
    raise.mutate({
      path: { id: run.id },
      body: { ...(micros > 0 ? { usd_micros: micros } : {}), ...(more > 0 ? { minutes: more } : {}) },
    })
  }
  return (
    <Frame
      tone="wait"
      icon={<CircleDollarSign />}
      title={`The budget is used up: ${spent}. The run goes on where it stopped when you allow more.`}
    >
      <form onSubmit={submit} className="flex flex-wrap items-center gap-2 text-sm text-ink">
        <span className="flex items-center gap-1.5">
          <span aria-hidden>$</span>
          <Input
            inputMode="decimal"
            aria-label="Dollars more"
            className="w-20!"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </span>
        <span className="flex items-center gap-1.5">
          <span aria-hidden>and</span>
          <Input
            inputMode="numeric"
            aria-label="Minutes more"
            placeholder="0"
            className="w-16!"
            value={minutes}
            onChange={(event) => setMinutes(event.target.value)}
          />
          <span aria-hidden>minutes more</span>
        </span>
        <Button
          type="submit"
          look="primary"
          busy={raise.isPending}
          why={whyNot(me, 'work') || (wrong && 'Dollars, like 2.50, or whole minutes')}
        >
          Allow
        </Button>
      </form>
      <FormProblem error={raise.error} words={{ usd_micros: 'Dollars', minutes: 'Minutes' }} />
    </Frame>
  )
}
