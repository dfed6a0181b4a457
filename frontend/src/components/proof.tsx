import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleHelp, CircleX } from 'lucide-react'
import type { ReactNode } from 'react'
import { getChecksOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Checks, Run, TestVerdict, VerdictWord } from '@/api/generated/types.gen'
import { Badge, type Tone } from '@/components/ui/badge'

const tests: Record<TestVerdict, { word: string; tone: Tone; icon: ReactNode }> = {
  green: { word: 'Tests pass', tone: 'ok', icon: <CircleCheck aria-hidden /> },
  failing: { word: 'Tests fail', tone: 'bad', icon: <CircleX aria-hidden /> },
  not_run: { word: 'Tests say nothing', tone: 'wait', icon: <CircleHelp aria-hidden /> },
}
const verdicts: Record<VerdictWord, { word: string; tone: Tone }> = {
  approve: { word: 'Review approves', tone: 'ok' },
  request_changes: { word: 'Review asks for changes', tone: 'wait' },
  reject: { word: 'Review rejects', tone: 'bad' },
  needs_human: { word: 'Review wants a person', tone: 'wait' },
}

/** What is proved: the newest word of the tests and of the reviewer. */
export function Proof({ checks }: { checks: Checks }) {
  const suites = checks.evidence.at(-1)?.suites ?? []
  const review = checks.verdicts.at(-1)?.verdict
  return (
    <>
      {suites.map(({ verdict, framework, dir }) => (
        <Badge key={`${framework} ${dir}`} tone={tests[verdict].tone} icon={tests[verdict].icon}>
          {tests[verdict].word} ({framework})
        </Badge>
      ))}
      {suites.length === 0 && <Badge>Nothing was tested</Badge>}
      {review && <Badge tone={verdicts[review.verdict].tone}>{verdicts[review.verdict].word}</Badge>}
    </>
  )
}

/** The same for a run whose work is done. Where it cannot be read, the page of its checks says why. */
export default function RunProof({ run }: { run: Run }) {
  const { data } = useQuery(getChecksOptions({ path: { id: run.id } }))
  return data ? <Proof checks={data} /> : null
}
