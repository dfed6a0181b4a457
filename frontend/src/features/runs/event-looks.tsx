import {
  CheckCheck,
  CircleDot,
  CircleX,
  FlaskConical,
  Gavel,
  Info,
  Pencil,
  Search,
  Terminal,
  User,
  Wrench,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { stepWord } from '@/components/steps'
import type { Tone } from '@/components/ui/badge'
import { duration } from '@/lib/dates'
import { money } from '@/lib/numbers'
import { botIcon } from './icons'
import { field, numberIn, textIn, textsIn } from './read'
import type { Row } from './rows'

export interface Look {
  icon: ReactNode
  tone: Tone
  title: string
  mono?: boolean
  /** Words in Markdown below the title. */
  text?: string | undefined
  /** Short facts at the right. */
  facts: string[]
  /** What is shown when the line is opened. */
  detail: { label: string; text: string; tone?: 'bad' }[]
  /** Where the whole of what was cut can be had. */
  artifact?: string | undefined
}

const toolIcons: Record<string, ReactNode> = {
  bash: <Terminal aria-hidden />,
  run_tests: <FlaskConical aria-hidden />,
  edit_file: <Pencil aria-hidden />,
  write_file: <Pencil aria-hidden />,
  grep: <Search aria-hidden />,
  glob: <Search aria-hidden />,
  search_code: <Search aria-hidden />,
}

/** What the journal calls things, in the words of people. */
const acts: Record<string, string> = {
  base: 'Takes the newest state of the branch',
  profile: 'Looks the repository over',
  tests: 'Runs the tests before and after the change',
  publish: 'Puts the branch into the repository',
  pull_request: 'Offers the branch as a pull request',
  report: 'Writes down what was done',
}
const waits: Record<string, string> = {
  plan_decided: 'Waits for a decision on the plan',
  answered: 'Waits for an answer',
  budget_raised: 'Waits for more budget',
  delivery_decided: 'Waits for a decision on the delivery',
}
const statusWords: Record<string, string> = {
  'run.succeeded': 'The run has come to its end',
  'run.canceled': 'Stopped by a person',
  'run.recovered': 'Another worker goes on where the last one was lost',
  'run.retried': 'Taken up again where it stopped',
  'run.rewound': 'Taken up again from an earlier step',
}
const decided: Record<string, string> = {
  approve: 'approved',
  request_changes: 'changes asked for',
  reject: 'rejected',
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)

/** Agents answer in JSON when something reads it; people read its summary. */
function answerIn(text: string): { summary: string; json: string } | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return { summary: textIn(value, 'summary') ?? '', json: JSON.stringify(value, null, 2) }
  } catch {
    return undefined
  }
}

/** How a line looks. */
export function lookOf({ event, open }: Row): Look {
  const bad = event.phase === 'failed'
  const { data } = event
  const took = numberIn(data, 'duration_ms')
  const cost = numberIn(data, 'cost_usd_micros')
  const facts = [took === undefined ? '' : duration(took), cost ? money(cost) : ''].filter(Boolean)
  const error = textIn(data, 'error')
  const base = {
    title: event.title,
    facts,
    detail: error ? [{ label: 'Error', text: error, tone: 'bad' as const }] : [],
  }
  const cross = <CircleX aria-hidden />
  switch (event.type) {
    case 'tool_call': {
      const output = textIn(data, 'output')
      const asked = Object.entries((field(data, 'arguments') as object | undefined) ?? {}).map(
        ([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
      )
      return {
        ...base,
        icon: bad ? cross : (toolIcons[textIn(data, 'tool') ?? ''] ?? <Wrench aria-hidden />),
        tone: bad ? 'bad' : open ? 'run' : 'idle',
        mono: true,
        artifact: textIn(data, 'artifact'),
        detail: [
          ...(asked.length > 0 ? [{ label: 'Asked for', text: asked.join('\n') }] : []),
          ...(output === undefined
            ? []
            : [{ label: bad ? 'Error' : 'Answer', text: output, ...(bad ? { tone: 'bad' as const } : {}) }]),
          ...base.detail,
        ],
      }
    }
    case 'model_call': {
      const text = textIn(data, 'text')
      const thinking = textIn(data, 'thinking')
      const answer = text === undefined ? undefined : answerIn(text)
      return {
        ...base,
        icon: bad ? cross : botIcon,
        tone: bad ? 'bad' : open ? 'run' : 'idle',
        title: bad ? 'The model did not answer' : text ? (event.agent ?? 'The agent') : event.title,
        text: answer ? answer.summary : text,
        detail: [
          ...(answer ? [{ label: 'As it was answered', text: answer.json }] : []),
          ...(thinking ? [{ label: 'Thinking', text: thinking }] : []),
          ...base.detail,
        ],
      }
    }
    case 'message':
      return {
        ...base,
        icon: <User aria-hidden />,
        tone: 'plan',
        text: textsIn(data, 'texts').join('\n\n') || undefined,
      }
    case 'decision': {
      const payload = field(data, 'payload')
      const word = decided[textIn(payload, 'decision') ?? '']
      return {
        ...base,
        title: word ? `${event.title.split(':')[0]}: ${word}` : event.title,
        icon: <Gavel aria-hidden />,
        tone: 'plan',
        text: textIn(payload, 'text'),
      }
    }
    case 'step': {
      const name = textIn(data, 'step')
      const title = name ? event.title.replace(name, stepWord(name)) : capital(event.title)
      return {
        ...base,
        title,
        icon: bad ? cross : event.phase === 'finished' ? <CheckCheck aria-hidden /> : <CircleDot aria-hidden />,
        tone: bad ? 'bad' : event.phase === 'finished' ? 'ok' : 'run',
      }
    }
    case 'status':
      return {
        ...base,
        title: statusWords[event.name] ?? waits[event.title.replace(/^run waiting: /, '')] ?? capital(event.title),
        icon: bad ? cross : <CircleDot aria-hidden />,
        tone: bad ? 'bad' : event.name === 'run.succeeded' ? 'ok' : 'idle',
      }
    case 'other':
      return {
        ...base,
        title:
          event.name === 'step.dispatched'
            ? `${stepWord(textIn(data, 'step') ?? '')}: handed to a worker`
            : (acts[textIn(data, 'key') ?? ''] ?? capital(event.title)),
        icon: <Info aria-hidden />,
        tone: bad ? 'bad' : 'idle',
      }
  }
}
