import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'node',
    include: ['e2e/**/*.e2e.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'threads',
    // Two cores: a browser a file, two at a time.
    maxWorkers: 2,
    reporters: ['default', './scripts/count-reporter.mjs'],
  },
})
