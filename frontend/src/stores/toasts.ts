import { create } from 'zustand'

export interface Toast {
  id: number
  kind: 'ok' | 'bad' | 'plain'
  text: string
  detail?: string
  action?: { label: string; run: () => void }
}

let last = 0

/** Short words about what has just happened. */
export const useToasts = create<{ toasts: Toast[] }>()(() => ({ toasts: [] }))

export function toast(text: string, more: Partial<Omit<Toast, 'id' | 'text'>> = {}): number {
  last += 1
  const id = last
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts.slice(-3), { id, kind: 'plain', text, ...more }] }))
  return id
}

export const dismiss = (id: number): void =>
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) }))
