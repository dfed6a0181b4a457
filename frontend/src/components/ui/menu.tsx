import { Check } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { Kbd } from './kbd'

/** A menu under its button. */
export function Menu({
  trigger,
  align = 'end',
  opened = false,
  children,
}: {
  trigger: ReactNode
  align?: 'start' | 'end'
  /** Whether it is open from the beginning. */
  opened?: boolean
  children: ReactNode
}) {
  return (
    // What is behind it stays for everybody: what can be focused there must not be hidden from those who listen.
    <Radix.Root modal={false} defaultOpen={opened}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        {/* A place of its own on the page, as it is drawn outside of all others. */}
        <section aria-label="Menu">
          <Radix.Content
            align={align}
            sideOffset={4}
            collisionPadding={8}
            className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 overflow-y-auto rounded-md border border-line bg-surface p-1 shadow-float data-[state=open]:animate-in"
          >
            {children}
          </Radix.Content>
        </section>
      </Radix.Portal>
    </Radix.Root>
  )
}

const item =
  'flex min-h-7 select-none items-center gap-2 rounded-sm px-2 py-1 text-sm outline-none data-highlighted:bg-surface-2 data-disabled:text-ink-3 [&_svg]:size-4 [&_svg]:shrink-0'

interface ItemProps {
  onSelect: () => void
  icon?: ReactNode
  keys?: string
  danger?: boolean
  /** Why it cannot be chosen now; stands below the words. */
  why?: string | false | undefined
  children: ReactNode
}

export function MenuItem({ onSelect, icon, keys, danger, why, children }: ItemProps) {
  return (
    <Radix.Item disabled={Boolean(why)} onSelect={onSelect} className={cn(item, danger && !why && 'text-bad')}>
      {icon}
      <span className="flex-1">
        {children}
        {why && <span className="block text-xs">{why}</span>}
      </span>
      {keys && <Kbd keys={keys} className="text-ink-3" />}
    </Radix.Item>
  )
}

export function MenuCheck({
  checked,
  onChange,
  children,
}: {
  checked: boolean
  onChange: (checked: boolean) => void
  children: ReactNode
}) {
  return (
    <Radix.CheckboxItem
      checked={checked}
      onCheckedChange={onChange}
      // Several are ticked one after the other.
      onSelect={(event) => event.preventDefault()}
      className={item}
    >
      <span className="size-4">
        <Radix.ItemIndicator>
          <Check />
        </Radix.ItemIndicator>
      </span>
      {children}
    </Radix.CheckboxItem>
  )
}

export const MenuLine = () => <Radix.Separator className="my-1 h-px bg-line" />
export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <Radix.Label className="px-2 py-1 text-xs text-ink-3">{children}</Radix.Label>
)
