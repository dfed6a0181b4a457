import { type HunkData, markEdits, tokenize } from 'react-diff-view'
import { createCssVariablesTheme, createHighlighterCore, type HighlighterCore } from 'shiki/core'
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript'

export interface Ask {
  id: number
  language: string | undefined
  hunks: HunkData[]
}

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

/** What the diff view asks of its highlighter, answered by ours. */
const speak = (core: HighlighterCore) => ({
  highlight(text: string, language: string) {
    const lines = core.codeToTokensBase(text, { lang: language as never, theme: 'page' })
    const children = lines.flatMap((line, i) => [
      ...(i > 0 ? [{ type: 'text', value: '\n' }] : []),
      ...line.map(({ content, color }) => {
        const kind = color?.match(/--shiki-token-([a-z-]+)/)?.[1]
        const leaf = { type: 'text', value: content }
        return kind
          ? { type: 'element', tagName: 'span', properties: { className: [`tok-${kind}`] }, children: [leaf] }
          : leaf
      }),
    ])
    return children
  },
})

self.onmessage = async ({ data: { id, language, hunks } }: MessageEvent<Ask>) => {
  const enhancers = [markEdits(hunks, { type: 'block' })]
  try {
    const core = language ? await ready(language) : undefined
    const tokens =
      core && language
        ? tokenize(hunks, { highlight: true, refractor: speak(core) as never, language, enhancers })
        : tokenize(hunks, { enhancers })
    self.postMessage({ id, tokens })
  } catch (error) {
    console.warn('no colours for', language, error)
    // A grammar that fails is no reason to show nothing.
    self.postMessage({ id, tokens: tokenize(hunks, { enhancers }) })
  }
}
