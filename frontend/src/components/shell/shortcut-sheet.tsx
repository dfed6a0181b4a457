import { type Binding, useBindings } from '@/stores/keys'
import { prefer, usePreferences } from '@/stores/preferences'
import { Dialog } from '../ui/dialog'
import { Kbd } from '../ui/kbd'
import { SwitchField } from '../ui/toggle'

const groups: Binding['group'][] = ['This page', 'Lists', 'Everywhere']

/** What the keys do here, at this moment. */
export default function ShortcutSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const bindings = useBindings((state) => state.bindings)
  const shortcuts = usePreferences((state) => state.shortcuts)
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts" wide>
      <SwitchField
        label="Single-key shortcuts"
        hint="Keys held together with ⌘ or Ctrl work in any case."
        checked={shortcuts}
        onChange={(event) => prefer({ shortcuts: event.target.checked })}
        className="mb-4 rounded-md border border-line p-3"
      />
      <div className="gap-8 sm:columns-2">
        {groups.map((group) => {
          const here = bindings.filter(
            (one, i) => one.group === group && bindings.findLastIndex(({ keys }) => keys === one.keys) === i,
          )
          if (here.length === 0) return null
          return (
            <section key={group} aria-label={group} className="mb-4">
              <h3 className="mb-1 break-after-avoid text-xs font-medium text-ink-3">{group}</h3>
              <dl className="text-sm">
                {here.map((one) => (
                  <div key={one.keys} className="flex break-inside-avoid items-center justify-between gap-4 py-0.5">
                    <dt>{one.label}</dt>
                    <dd>
                      <Kbd keys={one.keys} className="text-ink-2" />
                      <span className="sr-only">{one.keys.replace('mod', 'Command or Control')}</span>
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          )
        })}
      </div>
    </Dialog>
  )
}
