import { defineConfig } from '@hey-api/openapi-ts'

export default defineConfig({
  input: '',
  output: { path: '', importFileExtension: '.ts' },
  plugins: ['@hey-api/typescript', '@hey-api/sdk', '@hey-api/client-fetch'],
})
