import { readFileSync } from 'node:fs'
import { defineConfig } from '@hey-api/openapi-ts'

interface Document {
  paths: Record<string, Record<string, { responses?: Record<string, unknown> }>>
}

const document = new URL('../openapi/codegraph.json', import.meta.url)
const spec: Document = JSON.parse(readFileSync(document, 'utf8'))

// Every refusal is a Problem, and reaches the caller as the `ApiError` made of it (src/api/problem.ts). Listed one by one
// they would be typed as what nobody ever catches.
for (const path of Object.values(spec.paths))
  for (const { responses = {} } of Object.values(path))
    for (const status of Object.keys(responses)) if (!status.startsWith('2')) delete responses[status]

export default defineConfig({
  input: spec as never,
  output: { path: process.env.OPENAPI_OUT ?? 'src/api/generated' },
  plugins: [
    '@hey-api/typescript',
    // Whoever is signed in is known by a cookie: how programs sign in is nothing that a browser has to load.
    { name: '@hey-api/sdk', auth: false },
    { name: '@hey-api/client-fetch', throwOnError: true, baseUrl: false },
    { name: '@tanstack/react-query', infiniteQueryOptions: false },
  ],
})
