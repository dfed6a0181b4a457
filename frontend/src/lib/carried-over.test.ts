import { expect, it } from 'vitest'
import { carriedOver } from './carried-over'

const was = { title: 'Fix it', text: 'All of it', budget: '10' }
const is = { title: 'Fix it soon', text: 'All of it', budget: '20' }

it('keeps what others have made of it, with what one has typed oneself on top', () => {
  expect(carriedOver(was, is, { ...was, text: 'Mine' })).toEqual({
    words: { title: 'Fix it soon', text: 'Mine', budget: '20' },
    both: [],
  })
})
it('tells where both have changed the same, and not where both say the same', () => {
  expect(carriedOver(was, is, { ...was, title: 'Mine', budget: '20' })).toEqual({
    words: { title: 'Mine', text: 'All of it', budget: '20' },
    both: ['title'],
  })
})
