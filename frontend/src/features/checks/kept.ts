import type { RunArtifact, Step } from '@/api/generated/types.gen'
import { stepWord } from '@/components/steps'

const kinds: { is: RegExp; word: string; ending: string }[] = [
  { is: /diff|patch/, word: 'Difference', ending: 'diff' },
  { is: /json/, word: 'Data', ending: 'json' },
  { is: /xml/, word: 'Report', ending: 'xml' },
  { is: /html/, word: 'Page', ending: 'html' },
  { is: /^text\//, word: 'Text', ending: 'txt' },
]

/** What a file that a run keeps is, and what it is called when it is saved: its own name is only its checksum. */
export function keptAs(
  { name, media_type, step_no, tool_call_id }: RunArtifact,
  steps: readonly Pick<Step, 'step_no' | 'name'>[],
): { what: string; of: string; file: string } {
  const kind = kinds.find(({ is }) => is.test(media_type))
  const step = steps.find((one) => one.step_no === step_no)?.name
  const of = step ? stepWord(step) : `Step ${step_no}`
  return {
    what: tool_call_id ? 'Output of a tool' : (kind?.word ?? 'File'),
    of,
    file: `${step ?? 'step'}-${step_no}-${name.slice(0, 8)}.${kind?.ending ?? 'bin'}`,
  }
}
