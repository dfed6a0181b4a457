/** A place in a file, on one of its two sides. */
export interface Place {
  side: 'old' | 'new'
  line: number
}

export const placeKey = ({ side, line }: Place): string => `${side}:${line}`
