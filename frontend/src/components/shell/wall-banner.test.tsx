import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { getVersionQueryKey } from '@/api/generated/@tanstack/react-query.gen'
import type { Sandbox } from '@/api/generated/types.gen'
import { WallBanner } from './wall-banner'

const shown = (sandbox: Sandbox) => {
  const cache = new QueryClient()
  cache.setQueryData(getVersionQueryKey(), { version: '0.1.0', api: 'v1', sandbox })
  render(
    <QueryClientProvider client={cache}>
      <WallBanner />
    </QueryClientProvider>,
  )
  return screen.queryByRole('status')
}

it('says that there is no wall, and nothing where there is one', () => {
  for (const wall of ['bubblewrap', 'landlock', 'unknown'] as const) expect(shown(wall)).toBeNull()
  expect(shown('none')).toHaveTextContent('without a sandbox')
})
