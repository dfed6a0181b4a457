import { QueryClientProvider } from '@tanstack/react-query'
import { render, screen, within } from '@testing-library/react'
import { beforeEach, expect, it } from 'vitest'
import { client } from '@/api/generated/client.gen'
import { toApiError } from '@/api/problem'
import { newQueryClient } from '@/api/query-client'
import { newBackend } from '../../mocks/backend'
import { Readiness } from './readiness'

let backend: ReturnType<typeof newBackend>
client.setConfig({
  baseUrl: location.origin,
  fetch: async (input, init) => backend.answer(new Request(input, init)),
})
client.interceptors.error.use((error, response) => toApiError(error, response as Response | undefined))
beforeEach(() => {
  backend = newBackend()
})

const shown = async () => {
  const cache = newQueryClient()
  render(
    <QueryClientProvider client={cache}>
      <Readiness />
    </QueryClientProvider>,
  )
  return within(await screen.findByRole('list', { name: 'Parts of the server' }))
}

it('names every part while all of them work', async () => {
  const parts = await shown()
  expect(parts.getAllByText('Works').length).toBe(3)
})

it('names the part that is down, and calls nothing else broken', async () => {
  backend.db().down = [{ name: 'worker', state: 'draining' }]
  const parts = await shown()
  expect(parts.getByRole('listitem')).toHaveTextContent(/^Downworkerdraining/)
  expect(screen.getByText(/is not ready/)).toBeInTheDocument()
})
