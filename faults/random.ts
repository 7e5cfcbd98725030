/** The seeded generator of the test images: one seed, one schedule. */
export { type Random, seeded } from '../__tests__/support/corpus/random.ts'
