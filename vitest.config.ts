import { defineConfig } from 'vitest/config'

const minute = 60_000
/**
 * What drives a browser, or real processes against their clocks, may miss a moment on a machine that is busy otherwise.
 * The report names each test that needed its second try.
 */
const onceMore = { retry: 1 } as const
const platform = ['__tests__/support/platform.ts']
/** Tests that take minutes; they run with `--long`, or where one is named. */
const long = '**/*.long.test.ts'

export default defineConfig({
  test: {
    // Group orders start at 1: with a single worker, vitest puts group 0 last.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['__tests__/**/*.test.ts'],
          exclude: ['__tests__/integration/**', '__tests__/e2e/**'],
          // Some start processes of their own, which takes seconds on a busy machine.
          testTimeout: minute / 2,
          maxWorkers: '100%',
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...onceMore,
          name: 'integration',
          include: ['__tests__/integration/**/*.test.ts'],
          exclude: [long],
          globalSetup: platform,
          testTimeout: 2 * minute,
          hookTimeout: 2 * minute,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          ...onceMore,
          name: 'e2e',
          include: ['__tests__/e2e/**/*.test.ts'],
          exclude: [long],
          globalSetup: platform,
          testTimeout: 2 * minute,
          hookTimeout: 2 * minute,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          // Each starts a platform of its own.
          ...onceMore,
          name: 'integration-long',
          include: ['__tests__/integration/**/*.long.test.ts'],
          testTimeout: 10 * minute,
          hookTimeout: 10 * minute,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          ...onceMore,
          name: 'e2e-long',
          include: ['__tests__/e2e/**/*.long.test.ts'],
          globalSetup: platform,
          testTimeout: 10 * minute,
          hookTimeout: 5 * minute,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
})
