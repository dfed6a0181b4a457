import { describe, expect, it } from 'vitest'
import type { TreeEntry } from '@/api/generated/types.gen'
import { foldersAround, keyed, rowsOf } from './tree-rows'

const folder = (name: string): TreeEntry => ({ name, kind: 'folder' })
const file = (name: string): TreeEntry => ({ name, kind: 'file', size: 1 })
const folders = new Map([
  ['', [folder('src'), folder('tests'), file('README.md')]],
  ['src', [folder('app'), file('main.rs')]],
])

describe('the tree of a repository', () => {
  it('shows what is in open folders below them, and which are still read', () => {
    const rows = rowsOf(folders, new Set(['src', 'src/app']))
    expect(rows.map(({ path, depth }) => [path, depth])).toEqual([
      ['src', 0],
      ['src/app', 1],
      ['src/main.rs', 1],
      ['tests', 0],
      ['README.md', 0],
    ])
    expect(rows.filter(({ loading }) => loading).map(({ path }) => path)).toEqual(['src/app'])
  })
  it('knows the folders around a place', () => {
    expect([foldersAround('src/app/main.rs'), foldersAround('src/app/'), foldersAround('README.md')]).toEqual([
      ['src', 'src/app'],
      ['src'],
      [],
    ])
  })
  it('is gone through by arrow keys', () => {
    const rows = rowsOf(folders, new Set(['src']))
    expect(keyed(rows, 'src', 'ArrowDown')).toEqual({ to: 'src/app' })
    expect(keyed(rows, 'src', 'ArrowUp')).toEqual({ to: 'src' })
    expect(keyed(rows, 'src', 'End')).toEqual({ to: 'README.md' })
    expect(keyed(rows, 'src', 'ArrowRight')).toEqual({ to: 'src/app' })
    expect(keyed(rows, 'tests', 'ArrowRight')).toEqual({ toggle: 'tests' })
    expect(keyed(rows, 'src', 'ArrowLeft')).toEqual({ toggle: 'src' })
    expect(keyed(rows, 'src/main.rs', 'ArrowLeft')).toEqual({ to: 'src' })
    expect(keyed(rows, 'README.md', 'ArrowLeft')).toBeUndefined()
  })
})
