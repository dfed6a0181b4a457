import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { Suspense, useEffect, useState } from 'react'
import { live } from '@/api/live'
import { cacheKeeper, caughtUp } from '@/api/live-cache'
import { may, meQuery, type Permission } from '@/api/me'
import { approvals } from '@/api/whole'
import { ErrorBoundary } from '@/components/error-boundary'
import { part } from '@/components/part'
import { SessionProvider } from '@/components/session'
import { Shell } from '@/components/shell/shell'
import { UserMenu } from '@/features/auth/user-menu'
import { Bell } from '@/features/notifications/bell'
import { press } from '@/stores/keys'
import { useOverlay } from '@/stores/overlays'
import { belongsTo } from '@/stores/person'
import { usePreferences } from '@/stores/preferences'

const Announcer = part(() => import('@/features/notifications/announcer'))
const Palette = part(() => import('@/features/palette/palette'))
const NotificationsSheet = part(() => import('@/features/notifications/sheet'))

export default function ShellPage() {
  const cache = useQueryClient()
  const { data: me } = useSuspenseQuery(meQuery())
  // Before anything below reads what is kept here.
  useState(() => belongsTo(me.id))
  const { data: waiting } = useQuery(approvals())
  const path = useRouterState({ select: (state) => state.location.pathname })
  const overlay = useOverlay((state) => state.open)
  const announced = usePreferences(({ notices, sound }) => notices || sound)
  // Keys belong to the whole page.
  useEffect(() => {
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
  // One stream for everything that lists show; a page that needs more adds its topics.
  useEffect(() => live.watch({ listener: cacheKeeper(cache), onGap: (short) => caughtUp(cache, short) }), [cache])
  return (
    <SessionProvider me={me}>
      <Shell
        can={(permission) => may(me, permission as Permission)}
        waiting={waiting?.items.length ?? 0}
        tools={
          <>
            <Bell />
            <UserMenu me={me} />
          </>
        }
        overlays={
          <Suspense>
            {announced && <Announcer />}
            {overlay === 'palette' && <Palette />}
            {overlay === 'notifications' && <NotificationsSheet />}
          </Suspense>
        }
      >
        <ErrorBoundary resetKey={path}>
          <Outlet />
        </ErrorBoundary>
      </Shell>
    </SessionProvider>
  )
}
