import { useQuery } from '@tanstack/react-query'
import { ShieldAlert, ShieldCheck } from 'lucide-react'
import { Suspense, useState } from 'react'
import { verifyAuditOptions } from '@/api/generated/@tanstack/react-query.gen'
import { part } from '@/components/part'
import { Badge } from '@/components/ui/badge'
import { Button } from '@/components/ui/button'
import { count } from '@/lib/numbers'

const ChainDetail = part(() => import('./chain-detail'))

/** Whether every entry still follows the one before it. Looked at on demand: it reads the whole log. */
export function VerifyChain() {
  const { data, error, isFetching, refetch } = useQuery({ ...verifyAuditOptions(), enabled: false })
  const [open, setOpen] = useState(false)
  return (
    <>
      <span role="status" className="flex flex-wrap items-center gap-2">
        {data &&
          (data.intact ? (
            <Badge tone="ok" icon={<ShieldCheck aria-hidden />}>
              Nothing was rewritten{data.last_seq ? `, ${count(data.last_seq)} entries` : ''}
            </Badge>
          ) : (
            <Badge tone="bad" icon={<ShieldAlert aria-hidden />}>
              Broken at entry {data.broken_at}
            </Badge>
          ))}
        {error && <span className="text-sm text-bad">{error.message}</span>}
      </span>
      {data && (
        <Button look="quiet" onClick={() => setOpen(true)}>
          Keep or compare…
        </Button>
      )}
      <Button busy={isFetching} onClick={() => void refetch()}>
        Check the chain
      </Button>
      <Suspense>{open && data && <ChainDetail verdict={data} onClose={() => setOpen(false)} />}</Suspense>
    </>
  )
}
