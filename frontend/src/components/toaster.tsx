import { CircleAlert, CircleCheck, Info, X } from 'lucide-react'
import { useEffect } from 'react'
import { dismiss, type Toast, useToasts } from '@/stores/toasts'
import { Button, IconButton } from './ui/button'

const icons = {
  ok: <CircleCheck className="text-ok" />,
  bad: <CircleAlert className="text-bad" />,
  plain: <Info className="text-ink-3" />,
}

function ToastCard({ toast }: { toast: Toast }) {
  // What went wrong stays until it was read.
  useEffect(() => {
    if (toast.kind === 'bad') return
    const timer = setTimeout(() => dismiss(toast.id), toast.action ? 10_000 : 5000)
    return () => clearTimeout(timer)
  }, [toast])
  const { action } = toast
  return (
    <li className="pointer-events-auto flex w-full max-w-sm animate-in items-start gap-2 rounded-md border border-line bg-surface py-2 pr-1 pl-3 text-sm shadow-float [&_svg]:size-4">
      <span className="mt-0.5">{icons[toast.kind]}</span>
      <div className="min-w-0 flex-1 wrap-anywhere">
        {toast.text}
        {toast.detail && <p className="text-xs text-ink-2">{toast.detail}</p>}
      </div>
      {action && (
        <Button
          size="sm"
          look="quiet"
          onClick={() => {
            action.run()
            dismiss(toast.id)
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton label="Dismiss" size="icon-sm" onClick={() => dismiss(toast.id)}>
        <X />
      </IconButton>
    </li>
  )
}

/** Where short words appear. The list is always there, so that what is added to it is announced. */
export function Toaster() {
  const toasts = useToasts((state) => state.toasts)
  return (
    <section aria-label="Notices" aria-live="polite" className="pointer-events-none fixed right-0 bottom-0 z-50 p-4">
      <ol className="flex flex-col items-end gap-2">
        {toasts.map((one) => (
          <ToastCard key={one.id} toast={one} />
        ))}
      </ol>
    </section>
  )
}
