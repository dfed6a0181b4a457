import { useMutation } from '@tanstack/react-query'
import { ShieldAlert, ShieldCheck } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { verifyAudit } from '@/api/generated/sdk.gen'
import type { AuditVerdict } from '@/api/generated/types.gen'
import type { ApiError } from '@/api/problem'
import { FormProblem } from '@/components/problem-card'
import { Button } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { Dialog } from '@/components/ui/dialog'
import { Field } from '@/components/ui/field'
import { Input } from '@/components/ui/input'
import { count } from '@/lib/numbers'

/** What to keep elsewhere of the log as it is, and whether it still holds what was kept once. A log that was written anew
 *  as a whole is in order by itself; only what is kept outside of it shows that. */
export default function ChainDetail({ verdict, onClose }: { verdict: AuditVerdict; onClose: () => void }) {
  const [kept, setKept] = useState({ seq: '', hash: '' })
  const compare = useMutation<AuditVerdict, ApiError, { seq: number; hash: string }>({
    mutationFn: async (query) => (await verifyAudit({ query })).data,
  })
  const seq = Number(kept.seq)
  const wrong = kept.seq !== '' && !(Number.isInteger(seq) && seq > 0) ? 'The number of an entry, like 1024' : undefined
  const hash = kept.hash.trim().toLowerCase()
  const type = (change: Partial<typeof kept>) => {
    setKept({ ...kept, ...change })
    compare.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!wrong && hash && seq > 0) compare.mutate({ seq, hash })
  }
  const newest = verdict.last_seq ? `${verdict.last_seq} ${verdict.last_hash}` : undefined
  return (
    <Dialog open onClose={onClose} title="The chain of the log" wide>
      <div className="flex flex-col gap-5 text-sm">
        {newest && (
          <section aria-labelledby="newest" className="flex flex-col gap-2">
            <h3 id="newest" className="font-medium">
              The newest entry is no. {count(verdict.last_seq ?? 0)}
            </h3>
            <p className="flex items-center gap-2 rounded-md border border-line bg-surface-2 p-2">
              <code className="min-w-0 flex-1 text-xs break-all">{verdict.last_hash}</code>
              <CopyButton text={newest} label="Copy its number and its hash" />
            </p>
            <p className="text-ink-2">
              Keep both outside of this server. They show later that nothing up to here was written anew, by whoever it
              may be.
            </p>
          </section>
        )}
        <form onSubmit={submit} aria-labelledby="kept" className="flex flex-col gap-3">
          <h3 id="kept" className="font-medium">
            Against one that was kept
          </h3>
          <div className="grid gap-3 sm:grid-cols-[8rem_minmax(0,1fr)]">
            <Field label="Number" error={wrong ?? compare.error?.field('seq')}>
              <Input
                required
                inputMode="numeric"
                value={kept.seq}
                // Both at once, as they are copied above.
                onPaste={(event) => {
                  const [, number, rest] =
                    /^\s*(\d+)\s+([0-9a-f]{16,})\s*$/i.exec(event.clipboardData.getData('text')) ?? []
                  if (!number || !rest) return
                  event.preventDefault()
                  type({ seq: number, hash: rest })
                }}
                onChange={(event) => type({ seq: event.target.value })}
              />
            </Field>
            <Field label="Hash" error={compare.error?.field('hash')}>
              <Input
                required
                spellCheck={false}
                className="font-mono text-xs"
                value={kept.hash}
                onChange={(event) => type({ hash: event.target.value })}
              />
            </Field>
          </div>
          <FormProblem error={compare.error} shown={['seq', 'hash']} />
          <div role="status">{compare.data && <Said verdict={compare.data} seq={seq} />}</div>
          <Button type="submit" className="self-start" busy={compare.isPending}>
            Compare
          </Button>
        </form>
      </div>
    </Dialog>
  )
}

function Said({ verdict, seq }: { verdict: AuditVerdict; seq: number }) {
  return verdict.intact ? (
    <p className="flex gap-2 rounded-md bg-ok-tint px-3 py-2 text-ok">
      <ShieldCheck aria-hidden className="size-4 shrink-0" />
      The log still holds it: nothing up to no. {count(seq)} was written anew.
    </p>
  ) : (
    <p className="flex gap-2 rounded-md bg-bad-tint px-3 py-2 text-bad">
      <ShieldAlert aria-hidden className="size-4 shrink-0" />
      {verdict.broken_at === seq
        ? `No. ${count(seq)} is another than the one that was kept: the log was written anew before it, or it never was that one.`
        : `The chain is broken at no. ${count(verdict.broken_at ?? 0)}.`}
    </p>
  )
}
