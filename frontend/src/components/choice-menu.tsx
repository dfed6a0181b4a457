import { ListFilter } from 'lucide-react'
import { Suspense } from 'react'
import { part } from '@/components/part'
import { Button } from '@/components/ui/button'
import { useLater } from './use-later'

const load = () => import('./choice-list')
const ChoiceList = part(load)

export interface ChoiceMenuProps<T extends string> {
  label: string
  options: Readonly<Record<T, string>>
  value: T[] | undefined
  onChange: (value: T[] | undefined) => void
  /** What else fits into the same menu. */
  more?: { word: string; on: true | undefined; set: (on: true | undefined) => void }[]
}

/** Any of several, behind one button. */
export function ChoiceMenu<T extends string>(props: ChoiceMenuProps<T>) {
  const { wanted, button } = useLater(load)
  const trigger = (
    <Button {...button}>
      <ListFilter /> {props.label}
      {props.value && ` (${props.value.length})`}
    </Button>
  )
  if (!wanted) return trigger
  return (
    <Suspense fallback={trigger}>
      <ChoiceList {...(props as unknown as ChoiceMenuProps<string>)} trigger={trigger} />
    </Suspense>
  )
}
