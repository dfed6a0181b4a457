import { describe, expect, it } from 'vitest'
import { metOf, severityOf } from './read'

describe('words of a reviewer', () => {
  it('are taken as they are', () => {
    expect(['met', 'unmet', 'unverifiable'].map(metOf)).toEqual(['met', 'unmet', 'unverifiable'])
    expect(['critical', 'low'].map(severityOf)).toEqual(['critical', 'low'])
  })

  it('are not good news because nobody knows them', () => {
    expect(metOf('fulfilled')).toBe('unverifiable')
    expect(severityOf('blocker')).toBe('medium')
  })
})
