/** Records of a topic, each with the image behind it: thumbnail, status, and when it goes. */
import type { StreamMessage } from '../../../contract/stream-work-schemas.ts'
import { formatBytes, formatDateTime } from '../format.ts'
import type { ConsoleApi } from './api.ts'
import { ImageState, Moment, Table } from './parts.tsx'
import { ReprocessButton } from './ReprocessButton.tsx'
import { words } from './text.ts'
import { Thumbnail, type Thumbnails } from './thumbnails.tsx'

const { messages: own } = words

type RecordsProps = {
  readonly api: ConsoleApi
  readonly topic: string
  readonly items: readonly StreamMessage[]
  /** Undefined where there are to be none. */
  readonly thumbnails: Thumbnails | undefined
  readonly operate: boolean
  readonly changed: () => void
}

export const Records = ({ topic, items, ...rest }: RecordsProps) => (
  <Table label={words.views.messages} head={[[own.at], [own.place], [own.image], [own.value]]}>
    {items.map((message) => (
      <tr key={`${message.partition}-${message.offset}`}>
        <td>
          <Moment at={message.timestamp} />
        </td>
        <td class="mono nowrap">
          {topic}-{message.partition}@{message.offset}
        </td>
        <td>{message.image ? <Image image={message.image} thumbnails={rest.thumbnails} /> : words.none}</td>
        <td>
          <Details message={message} {...rest} />
        </td>
      </tr>
    ))}
  </Table>
)

type ImageProps = { image: NonNullable<StreamMessage['image']>; thumbnails: Thumbnails | undefined }
const Image = ({ image, thumbnails }: ImageProps) => (
  <div class="record-image">
    {thumbnails && <Thumbnail id={image.id} link={thumbnails.links.get(image.id)} />}
    <div>
      <ImageState image={image} />
      {image.expires_at && <div class="quiet small nowrap">{own.purge(formatDateTime(image.expires_at))}</div>}
    </div>
  </div>
)

const Details = ({
  message,
  api,
  operate,
  changed,
}: Pick<RecordsProps, 'api' | 'operate' | 'changed'> & { message: StreamMessage }) => (
  <details class="record">
    <summary class="mono">{message.value ?? own.tombstone}</summary>
    <dl class="facts small">
      <dt>{own.key}</dt>
      <dd class="mono">{message.key ?? words.none}</dd>
      {Object.entries(message.headers).map(([name, header]) => (
        <>
          <dt key={name}>{name}</dt>
          <dd class="mono">{header}</dd>
        </>
      ))}
      <dt>{words.topic.size}</dt>
      <dd>{formatBytes(message.bytes)}</dd>
    </dl>
    {operate && message.image && message.image.status !== 'gone' && (
      <ReprocessButton api={api} id={message.image.id} done={changed} />
    )}
  </details>
)
