import { create } from 'zustand'

export type Overlay = 'palette' | 'shortcuts' | 'menu' | 'notifications'

/** What lies over every page; one at a time. */
export const useOverlay = create<{ open: Overlay | undefined }>()(() => ({ open: undefined }))

export const openOverlay = (open: Overlay): void => useOverlay.setState({ open })
export const closeOverlay = (): void => useOverlay.setState({ open: undefined })
