/** The objects of every living image: there, whole, openable, and no others. */
import pMap from 'p-map'
import sharp from 'sharp'
import type { ImageRow, Rendition } from '../../functions/shared/image.ts'
import { metadataKey } from '../../functions/shared/keys.ts'
import type { Lake } from '../../functions/shared/lake.ts'
import type { Observation, StoredVersion } from '../observe.ts'
import type { Upload } from '../workload/history.ts'
import { sha256Of } from '../workload/images.ts'
import type { Finding, FindingKind } from './findings.ts'

const finding = (kind: FindingKind, id: string, detail: string): Finding => ({ kind, id, detail })
const concurrency = 4

/** @param sent SHA-256 of what clients sent, by acknowledged id */
export async function checkObjects(uploads: readonly Upload[], seen: Observation, lake: Lake): Promise<Finding[]> {
  const sent = new Map(uploads.flatMap(({ acknowledged, sha256 }) => [...acknowledged].map((id) => [id, sha256])))
  const once = new Set(uploads.filter(isWrittenOnce).flatMap(({ acknowledged }) => [...acknowledged]))
  const opened = new Map<string, Promise<string>>()
  // A row without a key is none that this platform writes; the accounts have it.
  const settled = [...seen.rows.values()].filter(
    ({ key, status }) => key && (status === 'processed' || status === 'quarantined'),
  )
  const found = await pMap(
    settled,
    async (row) => {
      const versions = seen.objects.get(row.id) ?? []
      return [
        ...(await checkOriginal(row, sent.get(row.id), lake)),
        ...(row.status === 'processed' ? await checkRenditions(row, lake, opened) : []),
        ...(await checkMetadata(row, lake)),
        ...extraObjects(row, versions),
        ...(once.has(row.id) ? rewritten(row, versions) : []),
      ]
    },
    { concurrency },
  )
  return found.flat()
}

async function checkOriginal(row: ImageRow, sent: string | undefined, lake: Lake): Promise<Finding[]> {
  const bytes = await lake.get(row.key, row.versionId)
  if (!bytes) return [finding('original-missing', row.id, row.key)]
  const actual = sha256Of(bytes)
  if (sent !== undefined && sent !== actual) return [finding('original-changed', row.id, `${actual}, sent ${sent}`)]
  return row.sha256 === undefined || row.sha256 === actual
    ? []
    : [finding('original-changed', row.id, 'the row differs')]
}

/** @param opened what opening each distinct rendition led to: most are the same bytes */
async function checkRenditions(row: ImageRow, lake: Lake, opened: Map<string, Promise<string>>): Promise<Finding[]> {
  const renditions = row.renditions ?? []
  if (renditions.length === 0) return [finding('rendition-missing', row.id, 'processed, without renditions')]
  const found = await pMap(renditions, async (rendition): Promise<Finding[]> => {
    const bytes = await lake.get(rendition.key)
    if (!bytes) return [finding('rendition-missing', row.id, rendition.name)]
    const identity = `${sha256Of(bytes)} ${rendition.width}×${rendition.height} ${rendition.bytes}`
    const fault = opened.get(identity) ?? open(bytes, rendition)
    opened.set(identity, fault)
    const wrong = await fault
    return wrong ? [finding('rendition-broken', row.id, `${rendition.name}: ${wrong}`)] : []
  })
  return found.flat()
}

/** @returns what is wrong with it, empty where nothing is */
async function open(bytes: Uint8Array, { width, height, bytes: length }: Rendition): Promise<string> {
  if (bytes.byteLength !== length) return `${bytes.byteLength} bytes, the row says ${length}`
  try {
    const { info } = await sharp(bytes, { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true })
    return info.width === width && info.height === height ? '' : `${info.width}×${info.height}, not ${width}×${height}`
  } catch (error) {
    return (error as Error).message
  }
}

async function checkMetadata(row: ImageRow, lake: Lake): Promise<Finding[]> {
  const bytes = await lake.get(metadataKey(row))
  if (!bytes) return [finding('metadata-wrong', row.id, 'there is none')]
  const { status } = JSON.parse(Buffer.from(bytes).toString()) as { status?: string }
  return status === row.status ? [] : [finding('metadata-wrong', row.id, `says ${status}, the row ${row.status}`)]
}

/** A crash after some renditions leaves those of an image that is then quarantined: they go with the image. */
function extraObjects(row: ImageRow, versions: readonly StoredVersion[]): Finding[] {
  if (row.status !== 'processed') return []
  const named = new Set([row.key, metadataKey(row), ...(row.renditions ?? []).map(({ key }) => key)])
  const extra = [...new Set(versions.map(({ key }) => key))].filter((key) => !named.has(key))
  return extra.length > 0 ? [finding('extra-object', row.id, extra.join(', '))] : []
}

/** A presigned form may be sent again, and parts put together again after a crash: the version in the row counts. */
const isWrittenOnce = ({ way }: Upload) => way === 'direct' || way === 'batch'

/** Nobody may write such an original a second time. */
function rewritten(row: ImageRow, versions: readonly StoredVersion[]): Finding[] {
  const originals = versions.filter(({ key }) => key === row.key)
  return originals.length > 1 ? [finding('doubled', row.id, `${originals.length} versions of its original`)] : []
}
