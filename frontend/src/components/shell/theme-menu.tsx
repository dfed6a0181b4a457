import { Monitor, Moon, Sun } from 'lucide-react'
import { prefer, usePreferences } from '@/stores/preferences'
import { Segmented } from '../ui/toggle'

/** How it looks: theme and density. */
export function Looks() {
  const { theme, density } = usePreferences()
  return (
    <div className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-2 text-sm *:justify-self-start">
      <span aria-hidden>Theme</span>
      <Segmented
        label="Theme"
        value={theme}
        onChange={(next) => prefer({ theme: next })}
        options={[
          { value: 'system', label: 'System', icon: <Monitor aria-hidden /> },
          { value: 'light', label: 'Light', icon: <Sun aria-hidden /> },
          { value: 'dark', label: 'Dark', icon: <Moon aria-hidden /> },
        ]}
      />
      <span aria-hidden>Density</span>
      <Segmented
        label="Density"
        value={density}
        onChange={(next) => prefer({ density: next })}
        options={[
          { value: 'regular', label: 'Regular' },
          { value: 'compact', label: 'Compact' },
        ]}
      />
    </div>
  )
}
