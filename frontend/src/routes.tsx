import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { getEntranceOptions } from './api/generated/@tanstack/react-query.gen'
import { meQuery } from './api/me'
import { ApiError } from './api/problem'
import { queryClient } from './api/query-client'
import { persistently } from './components/part'
import { ProblemCard } from './components/problem-card'
import { SkeletonRows } from './components/ui/skeleton'
import { parseSearch, stringifySearch } from './lib/search'
import * as searches from './lib/searches'
import { textOf } from './lib/urls'

/** The only list of addresses. Every page is loaded when it is first asked for. */

const root = createRootRouteWithContext<{ queryClient: typeof queryClient }>()({
  notFoundComponent: lazyRouteComponent(persistently(() => import('./pages/not-found-page'))),
  errorComponent: ({ error, reset }) => (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-md">
        <h1 className="mb-3 text-lg font-semibold">CodeGraph cannot be shown now</h1>
        <ProblemCard error={error} retry={reset} compact />
      </div>
    </main>
  ),
})

/** Whether nobody has an account yet. A server that does not answer is for the page to tell. */
const needsSetup = async ({ context }: { context: { queryClient: typeof queryClient } }) =>
  context.queryClient.fetchQuery(getEntranceOptions()).then(
    ({ needs_setup }) => needs_setup,
    () => undefined,
  )

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search): { next?: string } => ({ next: textOf(search.next) }),
  beforeLoad: async (load) => {
    if (await needsSetup(load)) throw redirect({ to: '/setup' })
  },
  component: lazyRouteComponent(persistently(() => import('./pages/login-page'))),
})
const register = createRoute({
  getParentRoute: () => root,
  path: '/register',
  component: lazyRouteComponent(persistently(() => import('./pages/register-page'))),
})
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  beforeLoad: async (load) => {
    if ((await needsSetup(load)) === false) throw redirect({ to: '/login' })
  },
  component: lazyRouteComponent(persistently(() => import('./pages/setup-page'))),
})

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(meQuery())
    } catch (error) {
      if (error instanceof ApiError && error.status === 401)
        throw redirect({ to: '/login', search: location.href === '/' ? {} : { next: location.href } })
      throw error
    }
  },
  component: lazyRouteComponent(persistently(() => import('./pages/shell-page'))),
  pendingComponent: () => <SkeletonRows rows={8} />,
})
const inside = () => shell

const home = createRoute({
  getParentRoute: inside,
  path: '/',
  component: lazyRouteComponent(persistently(() => import('./pages/home-page'))),
})
const tasks = createRoute({
  getParentRoute: inside,
  path: '/tasks',
  validateSearch: searches.tasks,
  component: lazyRouteComponent(persistently(() => import('./pages/tasks-page'))),
})
const task = createRoute({
  getParentRoute: inside,
  path: '/tasks/$taskId',
  validateSearch: searches.task,
  component: lazyRouteComponent(persistently(() => import('./pages/task-page'))),
})
const approvals = createRoute({
  getParentRoute: inside,
  path: '/approvals',
  validateSearch: searches.approvals,
  component: lazyRouteComponent(persistently(() => import('./pages/approvals-page'))),
})
const runs = createRoute({
  getParentRoute: inside,
  path: '/runs',
  validateSearch: searches.runs,
  component: lazyRouteComponent(persistently(() => import('./pages/runs-page'))),
})
const pullRequests = createRoute({
  getParentRoute: inside,
  path: '/pull-requests',
  validateSearch: searches.pullRequests,
  component: lazyRouteComponent(persistently(() => import('./pages/pull-requests-page'))),
})
const repositories = createRoute({
  getParentRoute: inside,
  path: '/repositories',
  validateSearch: searches.repositories,
  component: lazyRouteComponent(persistently(() => import('./pages/repositories-page'))),
})
const repository = createRoute({
  getParentRoute: inside,
  path: '/repositories/$repositoryId',
  validateSearch: searches.repository,
  component: lazyRouteComponent(persistently(() => import('./pages/repository-page'))),
})
const insights = createRoute({
  getParentRoute: inside,
  path: '/insights',
  validateSearch: searches.insights,
  component: lazyRouteComponent(persistently(() => import('./pages/insights-page'))),
})
const notifications = createRoute({
  getParentRoute: inside,
  path: '/notifications',
  validateSearch: searches.notifications,
  component: lazyRouteComponent(persistently(() => import('./pages/notifications-page'))),
})
const audit = createRoute({
  getParentRoute: inside,
  path: '/audit',
  validateSearch: searches.audit,
  component: lazyRouteComponent(persistently(() => import('./pages/audit-page'))),
})
const operations = createRoute({
  getParentRoute: inside,
  path: '/operations',
  component: lazyRouteComponent(persistently(() => import('./pages/operations-page'))),
})
const settings = createRoute({
  getParentRoute: inside,
  path: '/settings',
  validateSearch: searches.settings,
  component: lazyRouteComponent(persistently(() => import('./pages/settings-page'))),
})

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    register,
    setup,
    shell.addChildren([
      home,
      tasks,
      task,
      approvals,
      runs,
      pullRequests,
      repositories,
      repository,
      insights,
      notifications,
      audit,
      operations,
      settings,
    ]),
  ]),
  context: { queryClient },
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  // Whether data is fresh is for the cache to say.
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
