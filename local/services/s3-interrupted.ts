/**
 * What versitygw leaves behind when it is killed while it puts an upload's parts together. It renames the folder of the
 * parts beforehand, to `<upload>.<etag>.inprogress`, and back where it fails. Under that name nobody could list,
 * complete or abort the upload any more, and the bytes would stay for ever; S3 knows no such state.
 */
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'

const partsFolder = join('.sgwtmp', 'multipart')
const suffix = '.inprogress'

/**
 * Gives such uploads their names back. Only while versitygw is not running.
 * @param objects the folder of the buckets
 * @returns how many there were
 */
export async function putBackInterruptedUploads(objects: string): Promise<number> {
  let found = 0
  for (const bucket of await namesIn(objects)) {
    const uploads = join(objects, bucket, partsFolder)
    for (const key of await namesIn(uploads)) {
      for (const name of await namesIn(join(uploads, key))) {
        if (!name.endsWith(suffix)) continue
        // An upload's id is a UUID, which holds no dot.
        const [uploadId = name] = name.split('.')
        await rename(join(uploads, key, name), join(uploads, key, uploadId))
        found += 1
      }
    }
  }
  return found
}

const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
