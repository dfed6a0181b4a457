import type { ReactElement } from 'react'
import ReactMarkdown, { type Components } from 'react-markdown'
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize'
import remarkGfm from 'remark-gfm'
import { cn } from '@/lib/cn'

// What agents write is not to be trusted: no images (they tell a stranger who reads), only links that go somewhere known.
const schema = {
  ...defaultSchema,
  tagNames: defaultSchema.tagNames?.filter((tag) => tag !== 'img' && tag !== 'picture' && tag !== 'source'),
  protocols: { href: ['http', 'https', 'mailto'] },
}

const components: Components = {
  a: ({ children, href }) =>
    href ? (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
  // A heading of a text is not a heading of the page.
  h1: ({ children }) => <p className="md-h">{children}</p>,
  h2: ({ children }) => <p className="md-h">{children}</p>,
  h3: ({ children }) => <p className="md-h">{children}</p>,
  h4: ({ children }) => <p className="md-h">{children}</p>,
  input: ({ checked }) => (
    <span aria-label={checked ? 'done' : 'to do'} role="img">
      {checked ? '☑' : '☐'}
    </span>
  ),
}

/** What was made of texts, the newest last: a list that is scrolled draws the same ones again and again. */
const made = new Map<string, ReactElement>()
const MOST = 300

function read(text: string): ReactElement {
  const known = made.get(text)
  if (known) return known
  // A function like any other: it keeps nothing between two drawings.
  const fresh = ReactMarkdown({
    children: text,
    remarkPlugins: [remarkGfm],
    rehypePlugins: [[rehypeSanitize, schema]],
    components,
  })
  made.set(text, fresh)
  if (made.size > MOST) made.delete(made.keys().next().value ?? '')
  return fresh
}

/** Text in Markdown, made harmless. Load it lazily: it is 50 kB. */
export default function Markdown({ text, className }: { text: string; className?: string }) {
  return <div className={cn('prose-cg', className)}>{read(text)}</div>
}
