import { useEffect } from 'react'

/** The title of the tab; also what is announced when the page changes. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · CodeGraph`
  }, [title])
}
