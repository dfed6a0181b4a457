import { type HunkData, type HunkTokens, markEdits, tokenize } from 'react-diff-view'
import { createCssVariablesTheme, createHighlighterCore, type HighlighterCore } from 'shiki/core'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'

interface OfChange {
  language: string | undefined
  hunks: HunkData[]
}
interface OfText {
  language: string
  text: string
}
export type Question = OfChange | OfText
/** A line in parts, and what kind of word each part is. */
export type Coloured = [text: string, kind?: string][]
/** Of a text nothing, where no grammar reads it. */
export type Answer<Q extends Question> = Q extends OfText ? Coloured[] | undefined : HunkTokens

const languages: Record<string, () => Promise<{ default: never[] | unknown }>> = {
  rust: () => import('@shikijs/langs/rust'),
  typescript: () => import('@shikijs/langs/typescript'),
  tsx: () => import('@shikijs/langs/tsx'),
  javascript: () => import('@shikijs/langs/javascript'),
  jsx: () => import('@shikijs/langs/jsx'),
  python: () => import('@shikijs/langs/python'),
  go: () => import('@shikijs/langs/go'),
  java: () => import('@shikijs/langs/java'),
  ruby: () => import('@shikijs/langs/ruby'),
  sql: () => import('@shikijs/langs/sql'),
  bash: () => import('@shikijs/langs/bash'),
  yaml: () => import('@shikijs/langs/yaml'),
  toml: () => import('@shikijs/langs/toml'),
  json: () => import('@shikijs/langs/json'),
  markdown: () => import('@shikijs/langs/markdown'),
  css: () => import('@shikijs/langs/css'),
  html: () => import('@shikijs/langs/html'),
  c: () => import('@shikijs/langs/c'),
  cpp: () => import('@shikijs/langs/cpp'),
}

// Colours are variables of the page, so that a change of theme needs no new tokens.
const theme = createCssVariablesTheme({ name: 'page', variablePrefix: '--shiki-', fontStyle: false })
let highlighter: Promise<HighlighterCore> | undefined

async function ready(language: string): Promise<HighlighterCore | undefined> {
  const load = languages[language]
  if (!load) return undefined
  highlighter ??= createHighlighterCore({
    themes: [theme],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  })
  const core = await highlighter
  if (!core.getLoadedLanguages().includes(language)) await core.loadLanguage((await load()).default as never)
  return core
}

const coloured = (core: HighlighterCore, text: string, language: string): Coloured[] =>
  core
    .codeToTokensBase(text, { lang: language as never, theme: 'page' })
    .map((line) => line.map(({ content, color }) => [content, color?.match(/--shiki-token-([a-z-]+)/)?.[1]]))

/** What the diff view asks of its highlighter, answered by ours. */
const speak = (core: HighlighterCore) => ({
  highlight(text: string, language: string) {
    const children = coloured(core, text, language).flatMap((line, i) => [
      ...(i > 0 ? [{ type: 'text', value: '\n' }] : []),
      ...line.map(([content, kind]) => {
        const leaf = { type: 'text', value: content }
        return kind
          ? { type: 'element', tagName: 'span', properties: { className: [`tok-${kind}`] }, children: [leaf] }
          : leaf
      }),
    ])
    return children
  },
})

async function ofText({ language, text }: OfText): Promise<Coloured[] | undefined> {
  const core = await ready(language)
  return core && coloured(core, text, language)
}

async function ofChange({ language, hunks }: OfChange): Promise<HunkTokens> {
  const enhancers = [markEdits(hunks, { type: 'block' })]
  try {
    const core = language ? await ready(language) : undefined
    if (core && language)
      return tokenize(hunks, { highlight: true, refractor: speak(core) as never, language, enhancers })
  } catch (error) {
    // A grammar that fails is no reason to show nothing.
    console.warn('no colours for', language, error)
  }
  return tokenize(hunks, { enhancers })
}

self.onmessage = async ({ data }: MessageEvent<Question & { id: number }>) => {
  const { id, language } = data
  if ('hunks' in data) return self.postMessage({ id, answer: await ofChange(data) })
  const answer = await ofText(data).catch((error) => void console.warn('no colours for', language, error))
  self.postMessage({ id, answer })
}
