/** Builds the web application into `dist/web`, and serves it for development in front of a running platform. */
import { join } from 'node:path'
import { defineConfig } from 'vite'
import { localConfig } from '../config.ts'
import { openApiDocument } from '../contract/openapi.ts'

const root = import.meta.dirname
const { gateway } = localConfig().urls
const apiRoots = [...new Set(Object.keys(openApiDocument().paths).map((path) => `/${path.split('/')[1]}`))]

export default defineConfig(({ command }) => ({
  root,
  // Absolute, because pages such as /purges load the same files.
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
  // Said outright, or a build started by a test runner (NODE_ENV=test) would take the libraries' development code.
  resolve: { conditions: ['module', 'browser', command === 'build' ? 'production' : 'development'] },
  build: {
    outDir: join(root, '../dist/web'),
    emptyOutDir: true,
    target: 'es2024',
    // The content security policy allows no data: fonts or styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
  },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries([...apiRoots, '/config.json', '/notebooks/'].map((path) => [path, { target: gateway }])),
  },
}))
