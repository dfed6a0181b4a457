import type { Operations } from '@/api/generated/types.gen'
import { Table, Td, Th } from '@/components/ui/table'
import { RelativeTime } from '@/components/values'
import { duration } from '@/lib/dates'
import { count } from '@/lib/numbers'

/** How much there is to do, lane by lane, and who does it. */
export function Load({ load: { lanes, workers } }: { load: Operations }) {
  return (
    <>
      <div className="flex flex-col gap-2">
        <h2 className="font-medium">Lanes</h2>
        <Table label="Lanes" card stacks>
          <thead>
            <tr>
              <Th>Lane</Th>
              <Th right>Runs at work</Th>
              <Th right>Ready</Th>
              <Th right>Waiting</Th>
              <Th right>Queued</Th>
              <Th right>Jobs at work</Th>
              <Th right>Jobs waiting</Th>
              <Th right>Dead</Th>
              <Th right>Oldest waits</Th>
            </tr>
          </thead>
          <tbody>
            {lanes.map((lane) => (
              <tr key={lane.lane}>
                <Td className="font-medium">{lane.lane}</Td>
                <Td right word="Runs at work">
                  {count(lane.running_runs)}
                </Td>
                <Td right word="Ready">
                  {count(lane.ready_runs)}
                </Td>
                <Td right word="Waiting">
                  {count(lane.waiting_runs)}
                </Td>
                <Td right word="Queued">
                  {count(lane.queued_runs)}
                </Td>
                <Td right word="Jobs at work">
                  {count(lane.running_jobs)}
                </Td>
                <Td right word="Jobs waiting">
                  {count(lane.waiting_jobs)}
                </Td>
                <Td right word="Dead" className={lane.dead_jobs > 0 ? 'text-bad' : undefined}>
                  {count(lane.dead_jobs)}
                </Td>
                <Td right word="Oldest waits">
                  {lane.oldest_ready_s > 0 ? duration(lane.oldest_ready_s * 1000) : '–'}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
      <div className="flex flex-col gap-2">
        <h2 className="font-medium">Workers</h2>
        {workers.length === 0 ? (
          <p className="rounded-md bg-bad-tint px-3 py-2 text-sm text-bad">No worker is there: nothing goes on.</p>
        ) : (
          <Table label="Workers" card stacks>
            <thead>
              <tr>
                <Th>Where</Th>
                <Th>Lanes</Th>
                <Th right>Runs</Th>
                <Th>Version</Th>
                <Th right>Since</Th>
                <Th right>Holds for</Th>
              </tr>
            </thead>
            <tbody>
              {workers.map((worker) => (
                <tr key={worker.id}>
                  <Td className="font-medium whitespace-nowrap">
                    {worker.host} <span className="nums font-normal text-ink-3">{worker.pid}</span>
                  </Td>
                  <Td word="Lanes">{worker.lanes.join(', ')}</Td>
                  <Td right word="Runs">
                    {count(worker.runs)}
                  </Td>
                  <Td word="Version">{worker.version}</Td>
                  <Td right word="Since">
                    <RelativeTime at={worker.started_at} />
                  </Td>
                  <Td right word="Holds for">
                    {duration(worker.lease_s * 1000)}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </div>
    </>
  )
}
