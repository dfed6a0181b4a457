import type { ReactNode } from 'react'
import type { Status } from '@/api/generated/types.gen'
import { statuses } from '@/components/states'
import { Menu, MenuCheck, MenuLine } from '@/components/ui/menu'
import type { StatusFilterProps } from './status-filter'

export default function StatusMenu({
  value = [],
  onChange,
  more,
  trigger,
}: StatusFilterProps & { trigger: ReactNode }) {
  const put = (status: Status, on: boolean) => {
    const next = on ? [...value, status] : value.filter((one) => one !== status)
    onChange(next.length > 0 ? next : undefined)
  }
  return (
    <Menu align="start" opened trigger={trigger}>
      {(Object.entries(statuses) as [Status, { word: string }][]).map(([status, { word }]) => (
        <MenuCheck key={status} checked={value.includes(status)} onChange={(on) => put(status, on)}>
          {word}
        </MenuCheck>
      ))}
      {more && <MenuLine />}
      {more?.map(({ word, on, set }) => (
        <MenuCheck key={word} checked={on ?? false} onChange={(on) => set(on || undefined)}>
          {word}
        </MenuCheck>
      ))}
    </Menu>
  )
}
