/** What was made from a photograph, each with a link that ends before the purge. */
import { ExternalLink } from 'lucide'
import type { ImageView } from '../../../../contract/schemas.ts'
import { Icon } from '../../components/Icon.tsx'
import { formatBytes, formatCount, formatShare, formatType } from '../../format.ts'
import { text } from '../../text.ts'

export function RenditionTable({ image }: { image: ImageView }) {
  const { rendition: head } = text.detail
  const largest = Math.max(...image.renditions.map(({ bytes }) => bytes), image.bytes)
  return (
    <section>
      <h3>{text.detail.renditions}</h3>
      <table class="table renditions">
        <thead>
          <tr>
            <th scope="col">{head.name}</th>
            <th scope="col" class="number">
              {head.size}
            </th>
            <th scope="col" class="number">
              {head.bytes}
            </th>
            <th scope="col">
              <span class="visually-hidden">{head.share}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {image.renditions.map(({ name, content_type, width, height, bytes, url }) => (
            <tr key={name}>
              <th scope="row">
                {url ? (
                  <a href={url} target="_blank" rel="noreferrer" aria-label={text.detail.openRendition(name)}>
                    {name}
                    <Icon node={ExternalLink} />
                  </a>
                ) : (
                  name
                )}
                <span class="quiet"> {formatType(content_type)}</span>
              </th>
              <td class="number">
                {formatCount(width)} × {formatCount(height)}
              </td>
              <td class="number">{formatBytes(bytes)}</td>
              <td class="share">
                <span class="share-bar" style={{ inlineSize: `${Math.max(2, (bytes / largest) * 100)}%` }} />
                <span class="visually-hidden">{formatShare(bytes / image.bytes)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
