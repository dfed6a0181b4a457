import { CircleAlert, Lock, SearchX, WifiOff } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { ApiError } from '@/api/problem'
import { cn } from '@/lib/cn'
import { Button } from './ui/button'
import { CopyButton } from './ui/copy-button'

const looks: Record<string, ReactNode> = { 0: <WifiOff />, 403: <Lock />, 404: <SearchX /> }

/** Why something is not shown: what, why, the number to look it up by, and another try. */
export function ProblemCard({
  error,
  retry,
  action,
  compact,
}: {
  error: unknown
  retry?: () => void
  action?: ReactNode
  compact?: boolean
}) {
  const known = error instanceof ApiError
  const title = known ? error.problem.title : 'Something went wrong here'
  const detail = known ? error.problem.detail : error instanceof Error ? error.message : undefined
  const more = known ? error.besides([]) : []
  return (
    <div
      role="alert"
      className={cn(
        'flex items-start gap-3 rounded-lg border border-line bg-surface',
        compact ? 'p-3' : 'm-4 max-w-xl p-4 lg:m-6',
      )}
    >
      <span className="mt-0.5 text-bad [&_svg]:size-5">{(known && looks[error.status]) || <CircleAlert />}</span>
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        {detail && detail !== title && (
          <p className="mt-0.5 text-sm wrap-anywhere text-ink-2 first-letter:uppercase">{detail}</p>
        )}
        {more.length > 0 && (
          <ul className="mt-1 list-disc pl-4 text-sm text-ink-2">
            {more.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
        {known && error.requestId && (
          <p className="mt-1 flex items-center gap-1 text-xs text-ink-3">
            Request <code className="truncate">{error.requestId}</code>
            <CopyButton text={error.requestId} label="Copy the request's id" />
          </p>
        )}
        {(retry || action) && (
          <div className="mt-2 flex gap-2">
            {retry && (!known || error.status !== 403) && (
              <Button size="sm" onClick={retry}>
                Try again
              </Button>
            )}
            {action}
          </div>
        )}
      </div>
    </div>
  )
}

/** What a form could not do; says nothing about what its fields already say, and leads to the first of those. */
export function FormProblem({
  error,
  shown = [],
  words,
}: {
  error: ApiError | null
  /** The fields that show by themselves what is wrong with them. */
  shown?: readonly string[]
  /** What the others are called on the screen. */
  words?: Readonly<Record<string, string>>
}) {
  const here = useRef<HTMLSpanElement>(null)
  const others = error?.besides(shown, words) ?? []
  const said = error !== null && shown.some((name) => error.field(name))
  useEffect(() => {
    if (error && said) here.current?.closest('form')?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [error, said])
  if (!error) return null
  if (said && others.length === 0) return <span ref={here} hidden />
  const wait = error.status === 429 && error.retryAfter ? ` Try again in ${error.retryAfter} s.` : ''
  return (
    <p role="alert" className="rounded-md bg-bad-tint px-3 py-2 text-sm text-bad first-letter:uppercase">
      <span ref={here}>{others.length > 0 ? others.join(' · ') : `${error.message}${wait}`}</span>
      {error.status >= 500 && error.requestId && <span className="block text-xs">Request {error.requestId}</span>}
    </p>
  )
}
