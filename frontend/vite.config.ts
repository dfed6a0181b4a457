import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** Where the API listens in development. */
const api = process.env.CODEGRAPH_API ?? 'http://127.0.0.1:8400'
const proxy = Object.fromEntries(
  ['/api', '/docs', '/openapi.json', '/openapi.yaml', '/readyz'].map((path) => [path, { target: api, ws: true }]),
)

/** Answers for the API with the mock, so that `npm run dev:mock` needs nothing else. */
const mock: Plugin = {
  name: 'mock-backend',
  configureServer(server) {
    server.middlewares.use(async (incoming, outgoing, next) => {
      if (!/^\/(api|mock)\/|^\/readyz$/.test(incoming.url ?? '')) return next()
      try {
        const { serve } = await server.ssrLoadModule('/mocks/node.ts')
        const { answer } = await server.ssrLoadModule('/mocks/backend.ts')
        await serve(answer, incoming, outgoing)
      } catch (error) {
        next(error)
      }
    })
  },
}

export default defineConfig(({ mode }) => ({
  plugins: [react(), tailwindcss(), ...(mode === 'mock' ? [mock] : [])],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  server: { host: '127.0.0.1', port: 5173, ...(mode === 'mock' ? {} : { proxy }) },
  preview: { host: '127.0.0.1', proxy },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    // Data URLs would need a wider content security policy, and hashed files are cached for good anyway.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 500,
    manifest: true,
    rolldownOptions: {
      output: {
        // What most pages share travels together: a file for every icon costs more on the way than the icon.
        codeSplitting: {
          groups: [
            {
              // What draws an icon goes where everybody finds it, or whoever shows one would load the frame's.
              name: 'common',
              test: /lucide-react\/dist\/esm\/(?!icons\/)/,
              priority: 2,
            },
            {
              // What the frame shows, on every page but those where one signs in.
              name: 'frame',
              test: /lucide-react\/dist\/esm\/icons\/(bell|book-open|chart-column|circle-check-big|circle-play|folders|git-pull-request-arrow|house|keyboard|list-todo|menu|scroll-text|search|server|settings)\./,
              priority: 1,
            },
            {
              name: 'common',
              test: /lucide-react|src\/(components\/(values|states|empty|use-keys|clock|session|page-header)|stores|lib)/,
              minShareCount: 10,
            },
          ],
        },
      },
    },
  },
}))
