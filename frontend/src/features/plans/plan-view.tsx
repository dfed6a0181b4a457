import {
  CircleCheck,
  CircleDashed,
  FileText,
  FlaskConical,
  MessageCircleQuestion,
  Pencil,
  ThumbsDown,
  TriangleAlert,
} from 'lucide-react'
import type { ReactNode } from 'react'
import type { Plan, PlanVersion } from '@/api/generated/types.gen'
import { Inline } from '@/components/inline'
import { RichText } from '@/components/rich-text'
import { Badge, type Tone } from '@/components/ui/badge'

export type PlanState = 'open' | 'followed' | 'approved' | 'changes_requested' | 'rejected' | 'superseded'

/** How a version stands: what was decided, and whether a newer one took its place. */
export function stateOf(version: PlanVersion, old: boolean, awaited: boolean): PlanState {
  const decided = { approve: 'approved', request_changes: 'changes_requested', reject: 'rejected' } as const
  if (version.decision) return decided[version.decision.decision]
  return old ? 'superseded' : awaited ? 'open' : 'followed'
}

const states: Record<PlanState, { word: string; tone: Tone; icon: ReactNode }> = {
  open: { word: 'Waits for a decision', tone: 'plan', icon: <CircleDashed aria-hidden /> },
  followed: { word: 'Followed', tone: 'ok', icon: <CircleCheck aria-hidden /> },
  approved: { word: 'Approved', tone: 'ok', icon: <CircleCheck aria-hidden /> },
  changes_requested: { word: 'Changes asked for', tone: 'wait', icon: <Pencil aria-hidden /> },
  rejected: { word: 'Rejected', tone: 'bad', icon: <ThumbsDown aria-hidden /> },
  superseded: { word: 'Replaced', tone: 'idle', icon: <CircleDashed aria-hidden /> },
}

export function PlanStateBadge({ state }: { state: PlanState }) {
  const { word, tone, icon } = states[state]
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  )
}

/** A plan as it is read: what, in which parts, and how one will see that it is done. */
export function PlanView({ plan }: { plan: Plan }) {
  return (
    <div className="flex flex-col gap-5">
      <section aria-label="Summary">
        <RichText text={plan.summary} className="text-base" />
      </section>
      {plan.questions.length > 0 && (
        <Notes title="Questions" icon={<MessageCircleQuestion />} lines={plan.questions} tone="text-wait" />
      )}
      {plan.items.length > 0 && (
        <ol aria-label="Parts" className="flex flex-col gap-3">
          {plan.items.map((item, i) => (
            <li key={item.id} className="rounded-lg border border-line bg-surface p-3">
              <p className="flex gap-2 font-medium">
                <span className="nums text-ink-3">{i + 1}</span>
                {item.title}
              </p>
              {item.acceptance.length > 0 && (
                <ul className="mt-2 flex flex-col gap-1 text-sm">
                  {item.acceptance.map((line) => (
                    <li key={line} className="flex gap-2">
                      <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-3" />
                      <Inline text={line} />
                    </li>
                  ))}
                </ul>
              )}
              <ul className="mt-2 flex flex-wrap gap-1.5">
                {item.files.map((file) => (
                  <Chip key={file} icon={<FileText aria-hidden />} text={file} />
                ))}
                {item.tests.map((test) => (
                  <Chip key={test} icon={<FlaskConical aria-hidden />} text={test} />
                ))}
              </ul>
            </li>
          ))}
        </ol>
      )}
      {plan.risks.length > 0 && <Notes title="Risks" icon={<TriangleAlert />} lines={plan.risks} tone="text-ink-3" />}
    </div>
  )
}

function Notes({ title, icon, lines, tone }: { title: string; icon: ReactNode; lines: string[]; tone: string }) {
  return (
    <section aria-label={title}>
      <h2 className="flex items-center gap-1.5 text-sm font-medium [&_svg]:size-4">
        <span className={tone}>{icon}</span> {title}
      </h2>
      <ul className="mt-1 list-disc pl-6 text-sm">
        {lines.map((line) => (
          <li key={line}>
            <Inline text={line} />
          </li>
        ))}
      </ul>
    </section>
  )
}

const Chip = ({ icon, text }: { icon: ReactNode; text: string }) => (
  <li className="inline-flex max-w-full items-center gap-1 rounded-sm bg-surface-2 px-1.5 py-0.5 font-mono text-xs text-ink-2 [&_svg]:size-3.5 [&_svg]:shrink-0">
    {icon}
    <span className="truncate">{text}</span>
  </li>
)
