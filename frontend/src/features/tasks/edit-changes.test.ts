import { describe, expect, it } from 'vitest'
import { changesOf } from './edit-changes'

const task = { title: 'Fix it', description: 'All of it', budget_usd_micros: 10_000_000 }
const words = { title: 'Fix it', description: 'All of it', budget: '10' }

describe('what is changed of a task', () => {
  it('is sent, and nothing else', () => {
    expect(changesOf(task, { ...words, title: ' Mend it ', budget: '12.5' })).toEqual({
      body: { title: 'Mend it', budget_usd_micros: 12_500_000 },
      wrong: {},
    })
    expect(changesOf(task, { ...words, description: '' }).body).toEqual({ description: '' })
  })
  it('is nothing when the same is typed again', () => {
    expect(changesOf(task, { ...words, title: 'Fix it ', budget: '10.00' }).body).toEqual({})
  })
  it('is told what is wrong with it', () => {
    expect(changesOf(task, { ...words, title: '  ', budget: 'a lot' }).wrong).toEqual({
      title: expect.any(String),
      budget: expect.any(String),
    })
  })
})
