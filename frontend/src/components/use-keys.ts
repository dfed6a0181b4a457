import { useEffect, useRef } from 'react'
import { type Binding, bind } from '@/stores/keys'

/** Gives keys a meaning for as long as the component is on the screen. */
export function useKeys(bindings: Binding[]): void {
  const newest = useRef(bindings)
  newest.current = bindings
  const shape = bindings.map(({ keys, label, group }) => `${keys}|${label}|${group}`).join('\n')
  // Bound anew only when keys or words change; what they do is looked up when they are pressed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for the bindings
  useEffect(
    () => bind(newest.current.map((one, i) => ({ ...one, run: (event) => newest.current[i]?.run(event) }))),
    [shape],
  )
}
