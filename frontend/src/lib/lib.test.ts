import { describe, expect, it } from 'vitest'
import { ago, duration } from './dates'
import { atField, besideFields } from './field-errors'
import { bytes, money, plural, toMicros } from './numbers'
import { parseSearch, queryOf, stringifySearch } from './search'
import { treeOf } from './tree'
import { listOf, oneOf, safeNext } from './urls'

describe('numbers', () => {
  it('shows small sums with the digits that say something', () => {
    expect([0, 1_230_000, 99_999, 420, -5_000_000].map(money)).toEqual(['$0.00', '$1.23', '$0.10', '$0.0004', '-$5.00'])
  })
  it('reads sums as people type them', () => {
    expect(['10', '$2.50', '0.000001', '1.2.3', '-1', 'x', ''].map(toMicros)).toEqual([
      10_000_000,
      2_500_000,
      1,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
  it('says how many', () => {
    expect([plural(1, 'run'), plural(1200, 'run'), plural(2, 'reply', 'replies')]).toEqual([
      '1 run',
      '1,200 runs',
      '2 replies',
    ])
    expect([bytes(12), bytes(1536)]).toEqual(['12 B', '1.5 KB'])
  })
})

describe('times', () => {
  it('are short', () => {
    expect([0, 850, 1500, 12_340, 245_000, 7_800_000, 90_000_000].map(duration)).toEqual([
      '0 ms',
      '850 ms',
      '1.5 s',
      '12 s',
      '4m 05s',
      '2h 10m',
      '1d 01h',
    ])
    const now = Date.parse('2026-01-02T12:00:00Z')
    expect(ago('2026-01-02T11:57:00Z', now)).toBe('3m ago')
    expect(ago('2026-01-02T11:59:58Z', now)).toBe('now')
    expect(ago('2026-01-02T14:00:00Z', now)).toBe('in 2h')
  })
})

describe('addresses', () => {
  it('never lead off the site after signing in', () => {
    const offered = [
      '/tasks?status=running',
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      undefined,
    ]
    expect(offered.map(safeNext)).toEqual(['/tasks?status=running', '/', '/', '/', '/', '/'])
  })
  it('keep lists readable, and lose nothing on the way', () => {
    const search = { status: ['running', 'failed'], q: 'a b&c', new: true, none: undefined, off: false }
    expect(stringifySearch(search)).toBe('?status=running&status=failed&q=a+b%26c&new=1')
    expect(parseSearch('?status=running&status=failed&q=a+b%26c')).toEqual({
      status: ['running', 'failed'],
      q: 'a b&c',
    })
  })
  it('are saved in one spelling', () => {
    expect(queryOf({ status: ['running', 'failed'], q: 'a', mine: undefined })).toBe('q=a&status=running&status=failed')
    expect(queryOf({ q: undefined })).toBe('')
  })
  it('know what they know', () => {
    expect(oneOf('list', 'list', 'board')).toBe('list')
    expect(oneOf('x', 'list', 'board')).toBeUndefined()
    expect(listOf(['a', 'x'], ['a', 'b'])).toEqual(['a'])
    expect(listOf('b')).toEqual(['b'])
    expect(listOf([])).toBeUndefined()
  })
})

describe('the tree of files', () => {
  it('has folders first and joins folders that hold one folder', () => {
    const tree = treeOf(['README.md', 'src/app/main.rs', 'src/app/lib.rs', 'docs/a/b/c.md'].map((path) => ({ path })))
    expect(tree.map(({ name }) => name)).toEqual(['docs/a/b', 'src/app', 'README.md'])
    expect(tree[1]?.children.map(({ name, path }) => [name, path])).toEqual([
      ['lib.rs', 'src/app/lib.rs'],
      ['main.rs', 'src/app/main.rs'],
    ])
  })
})

describe('what a refusal says of a form', () => {
  const errors = [
    { path: '/title', message: 'is missing' },
    { path: '/kinds/0', message: 'is none of what it may be' },
    { path: '/kinds/2', message: 'is none of what it may be' },
    { path: '$.comments[3].line', message: 'is less than 1' },
    { path: '/titles', message: 'is not known here' },
    { path: '', message: 'is not an object' },
  ]
  it('stands at the field it names, and at the one that holds it', () => {
    expect([atField(errors, 'title'), atField(errors, 'kinds'), atField(errors, 'comments/3')]).toEqual([
      'Is missing',
      'Is none of what it may be',
      'Is less than 1',
    ])
    expect(atField(errors, 'name')).toBeUndefined()
  })
  it('is not lost where no field is for it', () => {
    expect(besideFields(errors, ['title', 'kinds', 'comments'])).toEqual([
      'titles: is not known here',
      'Is not an object',
    ])
    expect(besideFields(errors.slice(0, 1), [], { title: 'What is to be done' })).toEqual([
      'What is to be done: is missing',
    ])
  })
})
