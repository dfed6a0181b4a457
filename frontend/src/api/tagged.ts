/** What is read to be changed: with the name of its state, so that nobody overwrites what was not seen. */

import type { ApiError } from './problem'

export interface Tagged<T> {
  data: T
  tag: string | null
}

/** What an answer holds, with the name of its state. */
export const taggedOf = <T>({ data, response }: { data: T; response: Response }): Tagged<T> => ({
  data,
  tag: response.headers.get('etag'),
})

/** How it is read for a form, from the key under which pages read it. */
export const taggedOptions = <T>(
  [key]: readonly [{ _id: string }, ...unknown[]],
  read: (signal: AbortSignal) => Promise<{ data: T; response: Response }>,
) => ({
  // A key of its own: what is freshened on the page must not change the state that one began with.
  queryKey: [{ ...key, _id: `${key._id}.edit` }] as const,
  queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Tagged<T>> => taggedOf(await read(signal)),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: 0,
})

/** Has a change refused when somebody has changed it since. */
export const ifStill = ({ tag }: Tagged<unknown>): { headers?: { 'If-Match': string } } =>
  tag ? { headers: { 'If-Match': tag } } : {}

/** Whether that is why it was refused. */
export const isStale = (error: ApiError | null): boolean => error?.status === 412
