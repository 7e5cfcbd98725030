/**
 * The analysts' notebooks as pages: what a run on one machine leaves and the local gateway serves. In the cloud people
 * open them in Databricks, and none of these routes exist, which is why they are not in the OpenAPI document.
 */
import { z } from 'zod'

export const notebookEntry = z.object({
  name: z.string(),
  title: z.string(),
  /** What it answers: its first paragraph. */
  lead: z.string(),
  ok: z.boolean(),
  /** How many images it tells of; null where it failed. */
  images: z.int().nullable(),
  /** Where and why it failed. */
  failure: z.object({ cell: z.int(), error: z.string() }).nullable(),
})
export type NotebookEntry = z.infer<typeof notebookEntry>

/** A finished run of the notebooks. */
export const notebookRun = z.object({
  /** When it began; what is removed from the lake later may still be shown by it. */
  made_at: z.iso.datetime(),
  /** The moment that the notebooks took for now. */
  as_of: z.iso.datetime(),
  /** When the first of the images that it shows has to be gone, and its pages with it; null where it shows none. */
  expires_at: z.iso.datetime().nullable(),
  /** Path under which the notebooks saw the lake. */
  lake: z.string(),
  notebooks: z.array(notebookEntry),
})
export type NotebookRun = z.infer<typeof notebookRun>

/** Answer of `GET /notebooks/index.json`, for analysts. */
export const notebookList = z.object({
  /** Null where there is none, or an image that it showed has gone since. */
  run: notebookRun.nullable(),
  /** Since when another run is under way. */
  running_since: z.iso.datetime().nullable(),
})
export type NotebookList = z.infer<typeof notebookList>
