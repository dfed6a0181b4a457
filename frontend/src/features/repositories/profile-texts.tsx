import type { FoundSuite } from '@/api/generated/types.gen'
import { Field } from '@/components/ui/field'
import { Input, Textarea } from '@/components/ui/input'
import type { ProfileFields } from './profile-fields'

/** What is run, and what agents are told. `suites` is how its tests are run as far as its files say. */
export function ProfileTexts({
  draft,
  onChange,
  suites,
  wrong,
  theirs,
  readOnly,
}: ProfileFields & { suites: readonly FoundSuite[] }) {
  const found = suites[0]?.command
  const now = (name: 'test_command' | 'setup_command') => {
    const said = theirs(name)
    return said !== undefined && ` Somebody else has changed it to ${said === '' ? 'nothing' : `“${said}”`}.`
  }
  return (
    <>
      <Field
        label="Test command"
        hint={
          <>
            {found
              ? `Runs in the place of ${suites.length === 1 ? 'the command' : 'all commands'} found here.`
              : 'Nothing was found that runs tests; say it here.'}
            {now('test_command')}
          </>
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
      <Field
        label="Set-up command"
        hint={<>Runs before the tests, without a person.{now('setup_command')}</>}
        error={wrong('setup_command')}
      >
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
        hint={
          theirs('instructions') === undefined
            ? 'Conventions, and what must not be touched. Read together with what is found.'
            : 'Somebody else has changed this as well; yours takes its place.'
        }
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
