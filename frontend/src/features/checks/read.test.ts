import { describe, expect, it } from 'vitest'
import { metOf, placeIn, severityOf } from './read'

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

describe('what a reviewer names as evidence', () => {
  it('is a place where it is a file with a line', () => {
    expect(placeIn('inventory/stock.py:45')).toEqual({ path: 'inventory/stock.py', line: 45 })
    expect(placeIn('`src/a-b.test.ts:3-9`')).toEqual({ path: 'src/a-b.test.ts', line: 3 })
  })
  it('is words where it is anything else', () => {
    const others = ['tests/test_prices.py::test_negative passes', 'inventory/stock.py', 'see 10:45', 'http://a.org:80']
    expect(others.map(placeIn)).toEqual([undefined, undefined, undefined, undefined])
  })
})
