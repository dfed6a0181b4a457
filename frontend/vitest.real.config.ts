import { defineConfig } from 'vitest/config'

/** The flows of a person, against the program itself: CODEGRAPH_BIN says where it is. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['e2e/real/**/*.real.ts'],
    // Agents run tests and git in these, on machines that do other things as well.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    pool: 'threads',
    maxWorkers: 1,
    // Each flow stands on the ones before.
    bail: 1,
    reporters: ['verbose', './scripts/count-reporter.mjs'],
  },
})
