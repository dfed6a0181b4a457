import { create } from 'zustand'
import { persist } from 'zustand/middleware'

/** Words that somebody has typed and not sent, by the place they were typed at. They survive a reload. */
export const useDrafts = create<{ drafts: Record<string, string> }>()(
  persist((): { drafts: Record<string, string> } => ({ drafts: {} }), { name: 'codegraph.drafts' }),
)

export function keepDraft(place: string, text: string): void {
  useDrafts.setState(({ drafts }) => {
    if ((drafts[place] ?? '') === text) return { drafts }
    const { [place]: _, ...others } = drafts
    return { drafts: text === '' ? others : { ...others, [place]: text } }
  })
}

export const dropDraft = (place: string): void => keepDraft(place, '')

/** What was typed at a place. */
export const useDraft = (place: string): string => useDrafts((state) => state.drafts[place] ?? '')
