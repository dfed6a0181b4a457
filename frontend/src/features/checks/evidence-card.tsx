import { CircleCheck, CircleHelp, CircleX } from 'lucide-react'
import type { ReactNode } from 'react'
import type { TestCounts, TestSuite, TestVerdict } from '@/api/generated/types.gen'
import { ArtifactLink } from '@/components/artifact-link'
import { Output } from '@/components/fold'
import { Badge, type Tone } from '@/components/ui/badge'
import { duration } from '@/lib/dates'
import { count } from '@/lib/numbers'
import { Card } from './card'

/** Lists of tests, worst first, and whether they are bad news. */
const lists = [
  { key: 'newly_failing', word: 'Newly failing', bad: true },
  { key: 'vanished', word: 'Gone', bad: true },
  { key: 'newly_skipped', word: 'Newly skipped', bad: true },
  { key: 'still_failing', word: 'Failing before and after', bad: false },
  { key: 'flaky', word: 'Now this, now that', bad: false },
  { key: 'fixed', word: 'Mended', bad: false },
  { key: 'new_passing', word: 'New, and passing', bad: false },
] as const

const looks: Record<TestVerdict, { word: string; tone: Tone; icon: ReactNode }> = {
  green: { word: 'Tests pass', tone: 'ok', icon: <CircleCheck aria-hidden /> },
  failing: { word: 'Tests fail', tone: 'bad', icon: <CircleX aria-hidden /> },
  not_run: { word: 'Says nothing', tone: 'wait', icon: <CircleHelp aria-hidden /> },
}

/** What one suite said on the tree before and on the tree after. */
export function EvidenceCard({
  run,
  suite,
  round,
  open,
}: {
  run: string
  suite: TestSuite
  round: number
  open: boolean
}) {
  const { word, tone, icon } = looks[suite.verdict]
  const said = new Map(suite.messages.map(({ test, text }) => [test, text]))
  return (
    <Card
      open={open}
      head={
        <>
          <Badge tone={tone} icon={icon}>
            {word}
          </Badge>
          <span className="font-medium">
            {suite.framework}
            {suite.dir && <span className="text-ink-3"> in {suite.dir}</span>}
          </span>
          <span className="nums ml-auto text-xs text-ink-3">
            round {round} · {duration(suite.duration_ms)}
          </span>
        </>
      }
    >
      <div className="flex flex-col gap-3 border-t border-line px-4 py-3 text-sm">
        {suite.not_run_reason && <p className="text-wait">{suite.not_run_reason}</p>}
        {suite.cut && <p className="text-ink-3">Long lists are cut; the whole is in the output of the tests.</p>}
        {suite.log_artifact && (
          <ArtifactLink run={run} name={suite.log_artifact}>
            Save the whole output
          </ArtifactLink>
        )}
        <code className="block overflow-x-auto rounded-sm bg-surface-2 px-2 py-1 text-xs">
          $ {suite.command.join(' ')}
        </code>
        <table className="nums w-full max-w-md">
          <thead className="text-left text-xs text-ink-3">
            <tr>
              <th scope="col" className="font-medium">
                Tree
              </th>
              {['Passed', 'Failed', 'Errors', 'Skipped'].map((word) => (
                <th key={word} scope="col" className="text-right font-medium">
                  {word}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <CountsRow name={suite.base_complete ? 'Before' : 'Before (did not come to its end)'} counts={suite.base} />
            <CountsRow name="After" counts={suite.head} />
          </tbody>
        </table>
        {lists.map(({ key, word, bad }) => {
          const tests = suite[key]
          if (tests.length === 0) return null
          return (
            <section key={key} aria-label={word}>
              <h2 className={bad ? 'font-medium text-bad' : 'font-medium'}>
                {word} <span className="nums text-ink-3">{count(tests.length)}</span>
              </h2>
              <ul className="mt-1 flex max-h-80 flex-col gap-1 overflow-y-auto">
                {tests.map((test) => (
                  <li key={test}>
                    <code className="text-xs wrap-anywhere">{test}</code>
                    {said.has(test) && <Output text={said.get(test) ?? ''} label={`What ${test} said`} tone="bad" />}
                  </li>
                ))}
              </ul>
            </section>
          )
        })}
      </div>
    </Card>
  )
}

function CountsRow({ name, counts }: { name: string; counts: TestCounts }) {
  return (
    <tr>
      <th scope="row" className="text-left font-normal">
        {name}
      </th>
      <td className="text-right">{count(counts.passed)}</td>
      <td className={`text-right ${counts.failed > 0 ? 'text-bad' : ''}`}>{count(counts.failed)}</td>
      <td className={`text-right ${counts.errored > 0 ? 'text-bad' : ''}`}>{count(counts.errored)}</td>
      <td className="text-right">{count(counts.skipped)}</td>
    </tr>
  )
}
