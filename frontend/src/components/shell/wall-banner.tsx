import { useQuery } from '@tanstack/react-query'
import { ShieldOff } from 'lucide-react'
import { getVersionOptions } from '@/api/generated/@tanstack/react-query.gen'

/** Says on every page that commands of agents run without a wall: somebody has switched it off. */
export function WallBanner() {
  const { data } = useQuery({ ...getVersionOptions(), staleTime: 300_000 })
  if (data?.sandbox !== 'none') return null
  return (
    <p
      role="status"
      className="flex items-center gap-2 border-b border-line bg-bad-tint px-4 py-1.5 text-sm text-bad lg:px-6"
    >
      <ShieldOff className="size-4 shrink-0" aria-hidden />
      Commands of agents run without a sandbox here: they may do whatever the worker’s account may.
    </p>
  )
}
