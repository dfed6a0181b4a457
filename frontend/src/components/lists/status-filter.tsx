import { ListFilter } from 'lucide-react'
import { Suspense, useState } from 'react'
import type { Status } from '@/api/generated/types.gen'
import { part } from '@/components/part'
import { Button } from '@/components/ui/button'

const load = () => import('./status-menu')
const StatusMenu = part(load)
/** Ahead of time; whoever then opens it hears of what goes wrong. */
const ahead = () => void load().catch(() => {})

export interface StatusFilterProps {
  value: Status[] | undefined
  onChange: (value: Status[] | undefined) => void
  /** What else fits into the same menu. */
  more?: { word: string; on: true | undefined; set: (on: true | undefined) => void }[]
}

/** Any of where runs stand. Its menu comes when somebody is about to open it. */
export function StatusFilter(props: StatusFilterProps) {
  const [wanted, setWanted] = useState(false)
  const button = (
    <Button aria-haspopup="menu" onClick={() => setWanted(true)} onFocus={ahead} onPointerEnter={ahead}>
      <ListFilter /> Status{props.value && ` (${props.value.length})`}
    </Button>
  )
  if (!wanted) return button
  return (
    <Suspense fallback={button}>
      <StatusMenu {...props} trigger={button} />
    </Suspense>
  )
}
