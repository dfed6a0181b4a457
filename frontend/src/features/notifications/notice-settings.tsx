import { useState } from 'react'
import { FieldNote } from '@/components/ui/field'
import { SwitchField } from '@/components/ui/toggle'
import { prefer, usePreferences } from '@/stores/preferences'
import { chime } from './sound'

/** How this browser tells somebody who is not looking; each browser by itself. */
export function NoticeSettings() {
  const { notices, sound } = usePreferences()
  const can = 'Notification' in window
  const [refused, setRefused] = useState(can && Notification.permission === 'denied')
  const switchNotices = async (on: boolean) => {
    const answer = on ? await Notification.requestPermission() : 'default'
    setRefused(answer === 'denied')
    prefer({ notices: answer === 'granted' })
  }
  return (
    <section aria-labelledby="here" className="max-w-xl">
      <h2 id="here" className="text-md font-semibold">
        In this browser
      </h2>
      <p className="mb-3 text-sm text-ink-2">One tab of CodeGraph has to be open, in front or not.</p>
      <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
        <li className="px-4 py-3">
          <SwitchField
            label="Notices of the system"
            hint={
              can
                ? 'While no window of CodeGraph is looked at.'
                : 'This browser gives them only to pages that come over https or from this machine.'
            }
            disabled={!can}
            checked={can && notices && !refused}
            onChange={(event) => void switchNotices(event.target.checked)}
          />
          {refused && (
            <FieldNote>
              This browser refuses them. Allow them for this page in its own settings, and switch them on again.
            </FieldNote>
          )}
        </li>
        <li className="px-4 py-3">
          <SwitchField
            label="A sound"
            hint="Two short tones whenever you are told something."
            checked={sound}
            onChange={(event) => {
              prefer({ sound: event.target.checked })
              if (event.target.checked) chime()
            }}
          />
        </li>
      </ul>
    </section>
  )
}
