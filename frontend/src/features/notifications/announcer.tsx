import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { Notification as Told } from '@/api/generated/types.gen'
import { live } from '@/api/live'
import { statusWords } from '@/components/states'
import { statusOf } from '@/components/told'
import { usePreferences } from '@/stores/preferences'
import { chime } from './sound'
import { placeOf } from './where'

/** Held by the one tab that speaks for all of them, and by those that somebody looks at. */
const SPEAKS = 'codegraph.speaks'
const LOOKED_AT = 'codegraph.looked-at'

/** Holds a lock until it is given back. Without locks, which only a safe origin has, every tab is the only one. */
function hold(name: string, mode: LockMode, signal: AbortSignal, got: () => void = () => {}): void {
  if (!navigator.locks) {
    got()
    return
  }
  navigator.locks
    .request(name, { mode, signal }, () => {
      got()
      return new Promise<void>((done) => signal.addEventListener('abort', () => done()))
    })
    .catch(() => {})
}

/** Whether somebody looks at any of the tabs. */
async function isLookedAt(): Promise<boolean> {
  const { held = [] } = (await navigator.locks?.query()) ?? {}
  return document.hasFocus() || held.some(({ name }) => name === LOOKED_AT)
}

/** Says with a sound, and in a notice of the system while nobody looks, what this person is told. One tab of the browser
 *  does, and listens for that while it is hidden as well. */
export default function Announcer() {
  const navigate = useNavigate()
  useEffect(() => {
    const over = new AbortController()
    const { signal } = over
    const show = (told: Told) => {
      // The same word twice is one notice.
      const notice = new Notification(told.task.title, {
        body: [statusWords[statusOf[told.kind]], told.detail].filter(Boolean).join(': '),
        tag: told.id,
      })
      notice.onclick = () => {
        window.focus()
        notice.close()
        void navigate(placeOf(told))
      }
    }
    const speak = () => {
      const rest = live.stayAwake()
      const leave = live.watch({
        listener: (frame) => {
          if (frame.type !== 'notification') return
          const { notices, sound } = usePreferences.getState()
          if (sound) chime()
          if (notices && 'Notification' in window && Notification.permission === 'granted')
            void isLookedAt().then((looked) => !looked && show(frame.notification))
        },
      })
      signal.addEventListener('abort', () => {
        leave()
        rest()
      })
    }
    hold(SPEAKS, 'exclusive', signal, speak)
    return () => over.abort()
  }, [navigate])
  useEffect(() => {
    let looking: AbortController | undefined
    const look = () => {
      if (looking || !document.hasFocus()) return
      looking = new AbortController()
      hold(LOOKED_AT, 'shared', looking.signal)
    }
    const away = () => {
      looking?.abort()
      looking = undefined
    }
    look()
    window.addEventListener('focus', look)
    window.addEventListener('blur', away)
    return () => {
      window.removeEventListener('focus', look)
      window.removeEventListener('blur', away)
      away()
    }
  }, [])
  return null
}
