import { listNotificationsOptions } from '@/api/generated/@tanstack/react-query.gen'

/** The newest words to this person; the stream keeps them true. */
export const newestQuery = () => listNotificationsOptions({ query: { limit: 30 } })
