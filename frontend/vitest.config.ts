import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}', 'mocks/**/*.test.ts'],
    setupFiles: ['src/test-setup.ts'],
    globals: true,
    testTimeout: 30_000,
    css: false,
    pool: 'threads',
    // A machine that reads results line by line gets one of its own.
    reporters: ['default', './scripts/count-reporter.mjs'],
  },
})
