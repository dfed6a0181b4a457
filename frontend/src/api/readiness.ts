import { queryOptions } from '@tanstack/react-query'
import { getReadinessQueryKey } from './generated/@tanstack/react-query.gen'
import { getReadiness } from './generated/sdk.gen'
import { ApiError } from './problem'

/** One thing that the server needs, and how that is. */
export interface Part {
  name: string
  state: string
  down: boolean
}

/** How often one looks, in milliseconds: nothing tells of it. */
const LOOK = 30_000

/** What the server needs to work. When it is not ready, which is an answer like any other, it names what is down and
 *  nothing else. */
export const readiness = () =>
  queryOptions<Part[], ApiError>({
    queryKey: getReadinessQueryKey(),
    queryFn: async ({ signal }) => {
      try {
        const { data } = await getReadiness({ signal })
        return data.parts.map((part) => ({ ...part, down: false }))
      } catch (error) {
        const down = error instanceof ApiError && error.status === 503 ? error.problem.errors : undefined
        if (!down) throw error
        return down.map(({ path, message }) => ({ name: path, state: message, down: true }))
      }
    },
    retry: false,
    refetchInterval: LOOK,
  })
