import { QueryClient } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import { wholeOptions } from './pages'

it('reads a list to its end, page by page', async () => {
  const asked: (string | undefined)[] = []
  const pages = new Map([
    [undefined, { items: [1, 2], next_cursor: 'c01' }],
    ['c01', { items: [3], next_cursor: 'c02' }],
    ['c02', { items: [4] }],
  ])
  const options = wholeOptions([{ _id: 'listSteps' }], ({ limit, cursor }) => {
    expect(limit).toBe(200)
    asked.push(cursor)
    return Promise.resolve({ data: pages.get(cursor) ?? { items: [] } })
  })
  const cache = new QueryClient()
  expect(await cache.fetchQuery(options)).toEqual({ items: [1, 2, 3, 4] })
  expect(asked).toEqual([undefined, 'c01', 'c02'])
  expect(cache.getQueryData(options.queryKey)).toEqual({ items: [1, 2, 3, 4] })
})
