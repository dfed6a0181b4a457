import { cn } from '@/lib/cn'

/** The place of something that is on its way. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <div
      aria-hidden
      className={cn('animate-pulse rounded-sm bg-sunken dark:bg-surface-2', className ?? 'h-4 w-full')}
    />
  )
}

/** Rows of a list that is on its way. */
export function SkeletonRows({ rows = 6, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="divide-y divide-line">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="flex h-row items-center gap-3 px-4 lg:px-6">
          <Skeleton className="h-4 w-20" />
          <Skeleton className={cn('h-4 flex-1', i % 3 === 0 ? 'max-w-96' : i % 3 === 1 ? 'max-w-72' : 'max-w-80')} />
          <Skeleton className="ml-auto h-4 w-14" />
        </div>
      ))}
    </div>
  )
}
