import type { ReactNode } from 'react'
import { Menu, MenuCheck, MenuLine } from '@/components/ui/menu'
import type { ChoiceMenuProps } from './choice-menu'

export default function ChoiceList({
  options,
  value = [],
  onChange,
  more,
  trigger,
}: ChoiceMenuProps<string> & { trigger: ReactNode }) {
  const put = (one: string, on: boolean) => {
    const next = on ? [...value, one] : value.filter((other) => other !== one)
    onChange(next.length > 0 ? next : undefined)
  }
  return (
    <Menu align="start" opened trigger={trigger}>
      {Object.entries(options).map(([key, word]) => (
        <MenuCheck key={key} checked={value.includes(key)} onChange={(on) => put(key, on)}>
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
