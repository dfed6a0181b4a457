import { Monitor, Moon, Sun } from 'lucide-react'
import { prefer, usePreferences } from '@/stores/preferences'
import { Segmented } from '../ui/toggle'

/** How it looks: theme and density. */
export function Looks() {
  const { theme, density } = usePreferences()
  return (
    <div className="flex flex-col gap-2">
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
