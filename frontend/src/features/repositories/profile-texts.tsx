import type { FoundSuite } from '@/api/generated/types.gen'
import { Field } from '@/components/ui/field'
import { Input, Textarea } from '@/components/ui/input'
import type { ProfileDraft } from './profile-draft'

interface ProfileTextsProps {
  draft: ProfileDraft
  onChange: (change: Partial<ProfileDraft>) => void
  /** How its tests are run as far as its files say. */
  suites: readonly FoundSuite[]
  wrong: (name: string) => string | undefined
  readOnly: boolean
}

/** What is run, and what agents are told. */
export function ProfileTexts({ draft, onChange, suites, wrong, readOnly }: ProfileTextsProps) {
  const found = suites[0]?.command
  return (
    <>
      <Field
        label="Test command"
        hint={
          found
            ? `Runs in the place of ${suites.length === 1 ? 'the command' : 'all commands'} found here.`
            : 'Nothing was found that runs tests; say it here.'
        }
        error={wrong('test_command')}
      >
        <Input
          className="font-mono text-xs"
          spellCheck={false}
          readOnly={readOnly}
          placeholder={found ?? 'make test'}
          value={draft.test_command}
          onChange={(event) => onChange({ test_command: event.target.value })}
        />
      </Field>
      <Field label="Set-up command" hint="Runs before the tests, without a person." error={wrong('setup_command')}>
        <Input
          className="font-mono text-xs"
          spellCheck={false}
          readOnly={readOnly}
          placeholder="pip install -e ."
          value={draft.setup_command}
          onChange={(event) => onChange({ setup_command: event.target.value })}
        />
      </Field>
      <Field
        label="Instructions for agents"
        hint="Conventions, and what must not be touched. Read together with what is found."
        error={wrong('instructions')}
      >
        <Textarea
          rows={8}
          readOnly={readOnly}
          value={draft.instructions}
          onChange={(event) => onChange({ instructions: event.target.value })}
        />
      </Field>
    </>
  )
}
