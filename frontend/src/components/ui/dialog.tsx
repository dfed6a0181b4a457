import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { cn } from '@/lib/cn'
import { IconButton } from './button'
import { useReturnFocus } from './return-focus'

interface DialogProps {
  open: boolean
  onClose: () => void
  title: ReactNode
  description?: ReactNode
  /** A side sheet instead of a box in the middle. */
  side?: 'left' | 'right'
  wide?: boolean
  footer?: ReactNode
  children?: ReactNode
}

const veil = 'fixed inset-0 z-40 bg-ink/40 dark:bg-sunken/70 data-[state=open]:animate-in'
const middle =
  'inset-x-0 top-0 mx-auto max-h-dvh w-full sm:top-[8dvh] sm:max-h-[84dvh] sm:w-[calc(100%-2rem)] sm:rounded-lg border border-line'
const sheet = {
  left: 'inset-y-0 left-0 w-72 max-w-[85vw] border-r border-line',
  right: 'inset-y-0 right-0 w-full max-w-xl border-l border-line',
}

/** A box over the page. Focus stays in it and goes back to where it came from. */
export function Dialog({ open, onClose, title, description, side, wide, footer, children }: DialogProps) {
  const giveBack = useReturnFocus(open)
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={veil} />
        <Radix.Content
          // To the box and not to its first button, whose tooltip would be the first thing one reads.
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
          }}
          onCloseAutoFocus={giveBack}
          className={cn(
            'fixed z-40 flex flex-col bg-surface shadow-float data-[state=open]:animate-in focus-visible:outline-none',
            side ? sheet[side] : middle,
            !side && (wide ? 'max-w-3xl' : 'max-w-lg'),
          )}
          {...(description ? {} : { 'aria-describedby': undefined })}
        >
          <header className="flex items-start justify-between gap-4 px-4 pt-4 pb-2">
            <div className="min-w-0">
              <Radix.Title className="text-md font-semibold">{title}</Radix.Title>
              {description && <Radix.Description className="mt-1 text-sm text-ink-2">{description}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" size="icon-sm" keys="esc">
                <X />
              </IconButton>
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 pt-1 pb-4">{children}</div>
          {footer && (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-4 py-3">
              {footer}
            </footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
