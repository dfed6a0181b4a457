import { Plus } from 'lucide-react'
import type { FoundRegistry } from '@/api/generated/types.gen'
import { Button } from '@/components/ui/button'
import { Field } from '@/components/ui/field'
import { Textarea } from '@/components/ui/input'
import { hostsOf } from './profile-draft'
import type { ProfileFields } from './profile-fields'

/** Where commands may go in tasks that have the network. `registries` are hosts that the repository itself names. */
export function NetworkHosts({
  draft: { network_hosts: text },
  onChange,
  registries,
  wrong,
  theirs,
  readOnly,
}: ProfileFields & { registries: readonly FoundRegistry[] }) {
  const onText = (network_hosts: string) => onChange({ network_hosts })
  const now = theirs('network_hosts')
  const hosts = hostsOf(text)
  const proposed = readOnly ? [] : registries.filter(({ host }) => !hosts.includes(host))
  return (
    <div className="flex flex-col gap-2">
      <Field
        label="Hosts that commands may reach"
        hint={
          <>
            Only in tasks that have the network. One a line; *.example.com stands for all below it, and a port may
            follow: packages.example.com:8081.
            {now !== undefined && ` Somebody else has made it: ${hostsOf(now).join(', ') || 'none'}.`}
          </>
        }
        error={wrong('network_hosts')}
      >
        <Textarea
          rows={Math.min(8, Math.max(3, hosts.length + 1))}
          spellCheck={false}
          className="font-mono text-xs"
          placeholder="packages.example.com"
          readOnly={readOnly}
          value={text}
          onChange={(event) => onText(event.target.value)}
        />
      </Field>
      {proposed.length > 0 && (
        <p className="flex flex-wrap items-center gap-2 text-xs text-ink-3">
          Its own files name
          {proposed.map(({ host, because }) => (
            <Button
              key={host}
              size="sm"
              aria-label={`Allow ${host}, named in ${because}`}
              title={`Named in ${because}`}
              onClick={() => onText([...hosts, host].join('\n'))}
            >
              <Plus aria-hidden /> {host}
            </Button>
          ))}
        </p>
      )}
    </div>
  )
}
