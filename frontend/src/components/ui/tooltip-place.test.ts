import { describe, expect, it } from 'vitest'
import { near, placed } from './tooltip-place'

const room = { width: 360, height: 700 }
const word = { width: 100, height: 24 }

describe('where a word stands', () => {
  it('is above the middle of what it is about', () => {
    expect(placed({ left: 100, top: 300, width: 60, height: 32 }, word, 'top', room)).toEqual({ left: 80, top: 270 })
  })
  it('is below at the top of the window, and not outside of it at its edges', () => {
    expect(placed({ left: 330, top: 4, width: 28, height: 28 }, word, 'top', room)).toEqual({ left: 252, top: 38 })
    expect(placed({ left: 0, top: 300, width: 28, height: 28 }, word, 'top', room).left).toBe(8)
  })
  it('is beside it where that was asked for, on the side that has room', () => {
    expect(placed({ left: 20, top: 100, width: 180, height: 32 }, word, 'right', room)).toEqual({ left: 206, top: 104 })
    expect(placed({ left: 220, top: 100, width: 130, height: 32 }, word, 'right', room).left).toBe(114)
  })
  it('is reached from there without a gap', () => {
    const box = { left: 80, top: 270, width: 100, height: 24 }
    expect([near(box, 120, 299), near(box, 120, 302), near(box, 60, 280)]).toEqual([true, false, false])
  })
})
