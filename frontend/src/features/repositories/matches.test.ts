import { describe, expect, it } from 'vitest'
import type { Repository } from '@/api/generated/types.gen'
import { filesOf, marked, onForge } from './matches'

describe('what was found in files', () => {
  it('stands file by file', () => {
    const files = filesOf([
      { path: 'a.py', line: 1, text: 'x' },
      { path: 'a.py', line: 9, text: 'y' },
      { path: 'b.py', line: 2, text: 'z' },
    ])
    expect(files.map(({ path, lines }) => [path, lines.length])).toEqual([
      ['a.py', 2],
      ['b.py', 1],
    ])
  })
  it('marks every place, in the letters of the file', () => {
    expect(marked('Round(round(x))', 'round')).toEqual(['', 'Round', '(', 'round', '(x))'])
    expect(marked('nothing', 'round')).toEqual(['nothing'])
    expect(marked('İround', 'round')).toEqual(['İround'])
  })
  it('leads to the line where the repository is looked at', () => {
    const at = (url: string, forge: Repository['forge'] = 'github') =>
      onForge({ forge, url, head_commit: 'abc', default_branch: 'main' } as Repository, { path: 'a b/c#.py', line: 3 })
    const line = 'https://github.com/shop/inventory/blob/abc/a%20b/c%23.py#L3'
    expect([at('https://github.com/shop/inventory.git'), at('git@github.com:shop/inventory')]).toEqual([line, line])
    expect([at('https://git.example.org/x.git', 'git'), at('/srv/code', 'local')]).toEqual([undefined, undefined])
  })
  it('leads to the branch that is looked at', () => {
    const repository = { forge: 'github', url: 'https://github.com/a/b', head_commit: 'abc' } as Repository
    expect(onForge(repository, { path: 'c.py', at: 'next' })).toBe('https://github.com/a/b/blob/next/c.py')
  })
})
