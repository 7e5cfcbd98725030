/** Variables of the application that lists, shows and erases images. */

import {
  lakeVariables,
  ledgerVariables,
  observabilityVariables,
  receiptVariables,
  runsVariables,
} from '../shared/env.ts'
import { type Environment, readEnvironment } from '../shared/environment.ts'

export const imagesVariables = [
  ...lakeVariables,
  ...ledgerVariables,
  ...runsVariables,
  ...receiptVariables,
  ...observabilityVariables,
] as const
export type ImagesEnvironment = Environment<typeof imagesVariables>
export const readImagesEnvironment = (): ImagesEnvironment => readEnvironment(imagesVariables, process.env)
