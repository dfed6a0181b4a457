import { CircleCheck, CircleHelp, CircleX, Hand, ShieldAlert, Undo2 } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ReviewVerdict, VerdictWord } from '@/api/generated/types.gen'
import { Inline } from '@/components/inline'
import { RichText } from '@/components/rich-text'
import { Badge, type Tone } from '@/components/ui/badge'
import { percent } from '@/lib/numbers'
import { Card } from './card'
import { type Met, metOf, placeIn, type Severity, severityOf } from './read'

const words: Record<VerdictWord, { word: string; tone: Tone; icon: ReactNode }> = {
  approve: { word: 'Approved', tone: 'ok', icon: <CircleCheck aria-hidden /> },
  request_changes: { word: 'Changes asked for', tone: 'wait', icon: <Undo2 aria-hidden /> },
  reject: { word: 'Rejected', tone: 'bad', icon: <CircleX aria-hidden /> },
  needs_human: { word: 'Needs a person', tone: 'wait', icon: <Hand aria-hidden /> },
}
const met: Record<Met, { word: string; icon: ReactNode }> = {
  met: { word: 'met', icon: <CircleCheck aria-label="met" className="text-ok" /> },
  unmet: { word: 'not met', icon: <CircleX aria-label="not met" className="text-bad" /> },
  unverifiable: { word: 'cannot be seen', icon: <CircleHelp aria-label="cannot be verified" className="text-ink-3" /> },
}
const severities: Record<Severity, Tone> = { critical: 'bad', high: 'bad', medium: 'wait', low: 'idle' }

/** What the reviewer says, after the gate that checks it. */
export function VerdictCard({
  verdict,
  titles,
  round,
  onFile,
  open,
}: {
  verdict: ReviewVerdict
  /** What the parts of the plan are called, by id. */
  titles: ReadonlyMap<string, string>
  round: number
  onFile: (path: string, line?: number) => void
  open: boolean
}) {
  const look = words[verdict.verdict]
  const notes = [
    { title: 'Not covered by tests', lines: verdict.coverage_gap },
    { title: 'Changed without being asked for', lines: verdict.scope_creep },
  ]
  return (
    <Card
      open={open}
      head={
        <>
          <Badge tone={look.tone} icon={look.icon}>
            {look.word}
          </Badge>
          <span className="font-medium">Review</span>
          <span className="nums ml-auto text-xs text-ink-3">
            round {round} · {percent(verdict.confidence)} sure
          </span>
        </>
      }
    >
      <div className="flex flex-col gap-4 border-t border-line px-4 py-3 text-sm">
        {verdict.summary && <RichText text={verdict.summary} />}
        {verdict.downgraded.length > 0 && (
          <p className="rounded-md bg-wait-tint px-3 py-2 text-wait">
            Not let through: {verdict.downgraded.join('; ')}.
          </p>
        )}
        {verdict.security.length > 0 && (
          <p className="flex gap-2 rounded-md bg-bad-tint px-3 py-2 text-bad">
            <ShieldAlert aria-hidden className="size-4 shrink-0" />
            {verdict.security.join('; ')}
          </p>
        )}
        {verdict.findings.length > 0 && (
          <ul aria-label="Findings" className="flex flex-col gap-2">
            {verdict.findings.map((finding) => (
              <li key={finding.id} className="rounded-md border border-line p-3">
                <p className="flex flex-wrap items-center gap-2">
                  <Badge size="sm" tone={severities[severityOf(finding.severity)]}>
                    {finding.severity}
                  </Badge>
                  <span className="font-medium">
                    <Inline text={finding.title} />
                  </span>
                  {finding.blocking && <span className="text-xs text-bad">blocks delivery</span>}
                </p>
                <p className="mt-1 text-ink-2">
                  <Inline text={finding.failure_mode} />
                </p>
                {finding.fix_hint && <p className="mt-1 text-ink-3">{finding.fix_hint}</p>}
                {finding.start_line > 0 ? (
                  <button
                    type="button"
                    className="mt-1 font-mono text-xs text-link underline"
                    onClick={() => onFile(finding.file, finding.start_line)}
                  >
                    {finding.file}:{finding.start_line}
                  </button>
                ) : (
                  <p className="mt-1 font-mono text-xs text-ink-3">{finding.file}</p>
                )}
              </li>
            ))}
          </ul>
        )}
        {verdict.criteria.length > 0 && (
          <ul aria-label="What was asked for" className="flex flex-col gap-1">
            {verdict.criteria.map((criterion) => (
              <li key={criterion.id} className="flex gap-2 [&_svg]:mt-0.5 [&_svg]:size-4 [&_svg]:shrink-0">
                {met[metOf(criterion.status)].icon}
                <span>
                  {titles.get(criterion.id) ?? criterion.id}: {met[metOf(criterion.status)].word}
                  {criterion.evidence.length > 0 && (
                    <span className="flex flex-wrap gap-x-3 text-xs text-ink-3">
                      {criterion.evidence.map((one) => (
                        <EvidenceLine key={one} text={one} onFile={onFile} />
                      ))}
                    </span>
                  )}
                </span>
              </li>
            ))}
          </ul>
        )}
        {notes.map(
          ({ title, lines }) =>
            lines.length > 0 && (
              <section key={title} aria-label={title}>
                <h2 className="font-medium">{title}</h2>
                <ul className="list-disc pl-5 text-ink-2">
                  {lines.map((line) => (
                    <li key={line}>{line}</li>
                  ))}
                </ul>
              </section>
            ),
        )}
      </div>
    </Card>
  )
}

/** Where one sees it: a way there, if it is a place in a file. */
function EvidenceLine({ text, onFile }: { text: string; onFile: (path: string, line?: number) => void }) {
  const place = placeIn(text)
  if (!place) return <span>{text}</span>
  return (
    <button
      type="button"
      className="min-h-6 font-mono text-link underline"
      onClick={() => onFile(place.path, place.line)}
    >
      {text}
    </button>
  )
}
