import { useQuery } from '@tanstack/react-query'
import { BookOpen, FileJson } from 'lucide-react'
import { getVersionOptions } from '@/api/generated/@tanstack/react-query.gen'
import type { Sandbox } from '@/api/generated/types.gen'
import { ProblemCard } from '@/components/problem-card'
import { Readiness } from '@/components/readiness'
import { buttonVariants } from '@/components/ui/button'
import { Skeleton } from '@/components/ui/skeleton'

/** Behind what commands of agents run. */
const walls: Record<Sandbox, string> = {
  bubblewrap: 'bubblewrap',
  landlock: 'Landlock',
  none: 'none: switched off by hand',
  unknown: 'no worker is there to say',
}

/** What is running here, and where its API is described. */
export function About() {
  const { data, error, refetch } = useQuery(getVersionOptions())
  if (error && !data) return <ProblemCard error={error} retry={() => void refetch()} compact />
  return (
    <>
      <dl className="grid w-fit grid-cols-[auto_auto] gap-x-8 gap-y-2 text-sm">
        <dt className="text-ink-3">CodeGraph</dt>
        <dd>{data ? data.version : <Skeleton className="h-4 w-16" />}</dd>
        <dt className="text-ink-3">API</dt>
        <dd>{data ? data.api : <Skeleton className="h-4 w-16" />}</dd>
        <dt className="text-ink-3">Sandbox</dt>
        <dd>{data ? walls[data.sandbox] : <Skeleton className="h-4 w-16" />}</dd>
      </dl>
      <section aria-label="Parts" className="flex flex-col gap-2">
        <h2 className="text-md font-semibold">Parts</h2>
        <Readiness />
      </section>
      <p className="flex flex-wrap gap-2">
        <a href="/docs" target="_blank" rel="noreferrer" className={buttonVariants({})}>
          <BookOpen aria-hidden /> Try the API
        </a>
        <a href="/openapi.json" target="_blank" rel="noreferrer" className={buttonVariants({})}>
          <FileJson aria-hidden /> OpenAPI document
        </a>
      </p>
      <p className="text-sm text-ink-2">Licensed under Apache-2.0 or MIT, at your choice.</p>
    </>
  )
}
