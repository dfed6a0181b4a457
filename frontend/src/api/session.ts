/** Keeps requests signed in. The tokens are HttpOnly cookies; this file never sees them. */

type Renew = () => Promise<boolean>

let renew: Renew = async () => false
let lost: () => void = () => {}
let underway: Promise<boolean> | undefined

/** How to get a new access token, and what to do when there is none to be had. */
export function onSession(how: { renew: Renew; lost: () => void }): void {
  renew = how.renew
  lost = how.lost
}

/** One renewal for however many requests that found the token expired. */
function renewOnce(): Promise<boolean> {
  underway ??= renew().finally(() => {
    underway = undefined
  })
  return underway
}

/** Requests about being signed in are not repeated: their 401 is an answer. */
const isAboutSession = (url: string) => new URL(url, location.href).pathname.startsWith('/api/v1/auth/')

/** `fetch` that renews an expired session once and sends the request again. */
export const sessionFetch: typeof fetch = async (input, init) => {
  const request = new Request(input, init)
  const again = isAboutSession(request.url) && !request.url.endsWith('/me') ? null : request.clone()
  const response = await fetch(request)
  if (response.status !== 401 || !again) return response
  if (await renewOnce()) return fetch(again)
  lost()
  return response
}
