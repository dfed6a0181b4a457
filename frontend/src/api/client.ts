import type { QueryClient } from '@tanstack/react-query'
import { getMeQueryKey } from './generated/@tanstack/react-query.gen'
import { client } from './generated/client.gen'
import { refresh } from './generated/sdk.gen'
import { toApiError } from './problem'
import { answered, withKey } from './request-keys'
import { onSession, sessionFetch } from './session'

/** What a request that changes something must repeat: another site can send our cookies, but not read them. */
function csrfToken(): string | undefined {
  return /(?:^|;\s*)codegraph_csrf=([^;]*)/.exec(document.cookie)?.[1]
}

/** Connects the generated client with the session and the cache. Called once, before the first request. */
export function connectClient(cache: QueryClient, signIn: () => void): void {
  client.setConfig({ fetch: sessionFetch, querySerializer: { array: { explode: true, style: 'form' } } })
  client.interceptors.request.use((request) => {
    const token = csrfToken()
    if (token && request.method !== 'GET') request.headers.set('X-CSRF-Token', token)
    return request
  })
  client.interceptors.request.use(withKey)
  client.interceptors.response.use((response, request) => {
    answered(request, response)
    return response
  })
  client.interceptors.error.use((error, response) => toApiError(error, response as Response | undefined))
  onSession({
    renew: () =>
      refresh({ body: {} }).then(
        () => true,
        () => false,
      ),
    lost() {
      cache.removeQueries({ queryKey: getMeQueryKey() })
      signIn()
    },
  })
}
