import { readFileSync } from 'node:fs'
import { defineConfig } from '@hey-api/openapi-ts'

interface Answer {
  content?: Record<string, { schema?: { format?: string; items?: object } }>
}
interface Document {
  paths: Record<string, Record<string, { responses?: Record<string, Answer> }>>
}

const document = new URL('../openapi/codegraph.json', import.meta.url)
const spec: Document = JSON.parse(readFileSync(document, 'utf8'))

for (const path of Object.values(spec.paths))
  for (const { responses = {} } of Object.values(path))
    for (const [status, answer] of Object.entries(responses)) {
      // Every error reaches the caller as an `ApiError` made of the Problem that is in it (src/api/problem.ts).
      if (!status.startsWith('2')) delete responses[status]
      // The document describes a stream as an array of its frames; a client reads one frame at a time.
      const stream = answer.content?.['text/event-stream']
      if (stream?.schema?.format === 'event-stream') stream.schema = stream.schema.items ?? {}
    }

export default defineConfig({
  input: spec as never,
  output: { path: process.env.OPENAPI_OUT ?? 'src/api/generated' },
  plugins: [
    '@hey-api/typescript',
    '@hey-api/sdk',
    { name: '@hey-api/client-fetch', throwOnError: true, baseUrl: false },
    { name: '@tanstack/react-query', infiniteQueryOptions: false },
  ],
})
