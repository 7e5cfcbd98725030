/** All that is known about a person as one JSON file, put together in the browser: nothing of it is stored for it. */
import type { ImageView } from '../../../contract/schemas.ts'
import type { Api } from '../api.ts'
import type { Session } from '../session.ts'

const pageSize = 200

/** Everything in the record of a photograph, but for links that end within the hour. */
async function allImages(api: Pick<Api, 'listImages'>): Promise<object[]> {
  const all: object[] = []
  let cursor: string | undefined
  do {
    const page = await api.listImages({ limit: pageSize, ...(cursor && { cursor }) })
    all.push(...page.items.map(withoutAddresses))
    cursor = page.next_cursor
  } while (cursor)
  return all
}

const withoutAddresses = ({ original_url: _url, renditions, ...image }: ImageView) => ({
  ...image,
  renditions: renditions.map(({ url: _, ...rendition }) => rendition),
})

/** @throws ApiError where the platform does not answer; then nothing is saved */
export async function downloadProfile(api: Pick<Api, 'profile' | 'listImages'>, session: Session): Promise<void> {
  const [profile, images] = await Promise.all([api.profile(), allImages(api)])
  const written = { made_at: new Date().toISOString(), sign_in: session.person.value, ...profile, records: images }
  const url = URL.createObjectURL(new Blob([JSON.stringify(written, null, 2)], { type: 'application/json' }))
  const link = Object.assign(document.createElement('a'), { href: url, download: 'darkroom-profile.json' })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1_000)
}
