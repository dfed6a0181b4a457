import { createContext, type ReactNode, use } from 'react'
import type { Me } from '@/api/me'

const Session = createContext<Me | undefined>(undefined)

/** Who is signed in, for everything below. */
export function SessionProvider({ me, children }: { me: Me; children: ReactNode }) {
  return <Session value={me}>{children}</Session>
}

export function useMe(): Me {
  const me = use(Session)
  if (!me) throw new Error('nobody is signed in here')
  return me
}
