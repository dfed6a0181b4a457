import { stepWord } from '@/components/steps'
import { Money } from '@/components/values'
import type { Again } from './bars'

interface RunsAgainProps {
  again: Again
  /** It is done by another model, at other prices. */
  otherModel?: boolean
}

/** Which steps are done anew, and what they cost the last time. */
export function RunsAgain({ again: { steps, cost, rest }, otherModel = false }: RunsAgainProps) {
  if (steps.length === 0)
    return <p className="text-ink-2">The run goes on where it stopped; nothing that is recorded is done again.</p>
  return (
    <div className="rounded-md border border-line p-3">
      <p className="font-medium">Runs again</p>
      <ul className="mt-1 flex flex-col gap-0.5">
        {steps.map((step, i) => (
          <li key={`${step.step_no}/${step.attempt}`} className="flex justify-between gap-2">
            <span>
              {stepWord(step.name)}
              {rest && i === 0 && <span className="text-ink-3">, from there on</span>}
            </span>
            <Money micros={step.usage.cost_usd_micros} className="text-ink-2" />
          </li>
        ))}
      </ul>
      <p className="mt-2 flex justify-between border-t border-line pt-2 font-medium">
        {rest ? 'Up to about' : 'About'} <Money micros={cost} />
      </p>
      <p className="text-xs text-ink-3">
        This is what {rest ? 'all of it' : 'it'} cost the last time
        {rest && '; what was finished before is not paid again'}. It may take more or fewer rounds
        {otherModel ? ', and another model has other prices.' : '.'}
      </p>
    </div>
  )
}
