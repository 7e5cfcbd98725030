/** Links by which others see one rendition for a time: made, copied once, ended. */
import { Check, Copy, Link2, Link2Off } from 'lucide'
import { useId, useState } from 'preact/hooks'
import type { LinkView } from '../../../../contract/personal-schemas.ts'
import { sharing } from '../../../../platform.ts'
import { announce } from '../../announce.ts'
import { type Api, ApiError } from '../../api.ts'
import { now } from '../../clock.ts'
import { Icon } from '../../components/Icon.tsx'
import { Notice } from '../../components/Notice.tsx'
import { formatExact, formatLength, formatRemaining } from '../../format.ts'
import { text } from '../../text.ts'
import type { ListedImage } from '../merge.ts'

type LinksProps = {
  readonly image: ListedImage
  readonly api: Pick<Api, 'shareImage' | 'revokeLink'>
  /** The image's links have changed. */
  readonly onChange: (links: readonly LinkView[]) => void
}

/** What people share: large enough to look at. */
const preferred = ['large', 'compressed', 'preview']

export function Links({ image, api, onChange }: LinksProps) {
  const id = useId()
  const { renditions } = image
  const first = preferred.map((name) => renditions.find((rendition) => rendition.name === name)).find(Boolean)
  const [rendition, setRendition] = useState(first?.name ?? renditions[0]?.name ?? '')
  const [seconds, setSeconds] = useState(sharing.seconds[1] ?? sharing.seconds[0] ?? 0)
  const [made, setMade] = useState<LinkView>()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<ApiError>()
  const links = (image.links ?? []).filter(({ expires_at }) => Date.parse(expires_at) > now.value)

  async function attempt(work: () => Promise<void>) {
    setBusy(true)
    setFailure(undefined)
    try {
      await work()
    } catch (error) {
      setFailure(error instanceof ApiError ? error : new ApiError(0, {}))
    } finally {
      setBusy(false)
    }
  }
  const share = () =>
    attempt(async () => {
      const link = await api.shareImage(image.id, { rendition, seconds })
      setMade(link)
      onChange([link, ...links])
    })
  const revoke = (link: LinkView) =>
    attempt(async () => {
      await api.revokeLink(image.id, link.id)
      if (made?.id === link.id) setMade(undefined)
      onChange(links.filter((other) => other.id !== link.id))
      announce(text.share.ended)
    })
  return (
    <section class="links">
      <h3>{text.share.heading}</h3>
      <p class="small quiet">{text.share.lead}</p>
      <form
        class="link-form"
        onSubmit={(event) => {
          event.preventDefault()
          void share()
        }}
      >
        <label class="choice" for={`${id}-what`}>
          <span class="choice-label">{text.share.what}</span>
          <select
            id={`${id}-what`}
            value={rendition}
            onChange={({ currentTarget }) => setRendition(currentTarget.value)}
          >
            {renditions.map(({ name, width, height }) => (
              <option key={name} value={name}>
                {`${name}, ${width} × ${height}`}
              </option>
            ))}
          </select>
        </label>
        <label class="choice" for={`${id}-long`}>
          <span class="choice-label">{text.share.long}</span>
          <select
            id={`${id}-long`}
            value={seconds}
            onChange={({ currentTarget }) => setSeconds(Number(currentTarget.value))}
          >
            {sharing.seconds.map((length) => (
              <option key={length} value={length}>
                {formatLength(length * 1000)}
              </option>
            ))}
          </select>
        </label>
        <wa-button type="submit" size="s" appearance="outlined" disabled={busy}>
          <Icon slot="start" node={Link2} />
          {text.share.make}
        </wa-button>
      </form>
      {failure && (
        <Notice kind="bad" title={failure.message}>
          <p class="small">{failure.hint}</p>
        </Notice>
      )}
      {made?.url && <Made key={made.id} url={made.url} />}
      {links.length > 0 && (
        <ul class="link-list">
          {links.map((link) => (
            <li key={link.id}>
              <span>
                {link.rendition}
                <time class="small quiet figures" dateTime={link.expires_at} title={formatExact(link.expires_at)}>
                  {text.share.ends(formatRemaining(Date.parse(link.expires_at) - now.value))}
                </time>
              </span>
              <button
                type="button"
                class="text-button danger"
                disabled={busy}
                aria-label={text.share.revokeNamed(link.rendition)}
                onClick={() => void revoke(link)}
              >
                <Icon node={Link2Off} />
                {text.share.revoke}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** The address is told this once. */
function Made({ url }: { url: string }) {
  const [copied, setCopied] = useState(false)
  async function copy() {
    await navigator.clipboard.writeText(url)
    setCopied(true)
    announce(text.share.copied)
  }
  return (
    <div class="link-made">
      <input
        class="mono"
        readOnly
        value={url}
        aria-label={text.share.address}
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <wa-button size="s" variant="brand" appearance="accent" onClick={() => void copy()}>
        <Icon slot="start" node={copied ? Check : Copy} />
        {copied ? text.share.copied : text.share.copy}
      </wa-button>
      <p class="small quiet">{text.share.once}</p>
    </div>
  )
}
