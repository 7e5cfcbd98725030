/** What could not be processed: why, how often, first and last; sending it back, or taking it off the list. */
import { useState } from 'preact/hooks'
import type {
  StreamDiscarded,
  StreamQuarantined,
  StreamRedrive,
  StreamRedriven,
} from '../../../contract/stream-work-schemas.ts'
import { announce } from '../announce.ts'
import { formatCount } from '../format.ts'
import { text } from '../text.ts'
import type { ConsoleApi } from './api.ts'
import { useChange, useLive } from './live.ts'
import { Empty, Failure, Field, ImageState, Moment, Panel, Table, typedIn, Waiting } from './parts.tsx'
import type { Can } from './role.ts'
import { words } from './text.ts'

const { quarantine: own } = words
const paceMs = 3_000

type Preview =
  | { readonly kind: 'redrive'; readonly asked: StreamRedrive; readonly result: StreamRedriven }
  | { readonly kind: 'discard'; readonly ids: readonly string[]; readonly result: StreamDiscarded }

export function QuarantineView({ api, can }: { api: ConsoleApi; can: Can }) {
  const [code, setCode] = useState('')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [perSecond, setPerSecond] = useState('10')
  const [preview, setPreview] = useState<Preview>()
  const { value, failure, look } = useLive(() => api.quarantine(code), paceMs, `quarantine ${code}`)

  const finish = (message: string) => {
    setPreview(undefined)
    setChosen(new Set())
    announce(message)
    look()
  }
  const redrive = useChange(api.redrive, (result: StreamRedriven) => finish(own.done(result.redriven.length)))
  const discard = useChange(api.discard, (result: StreamDiscarded) => finish(own.discarded(result.receipts.length)))
  const dryRedrive = useChange(
    async (asked: StreamRedrive): Promise<Preview> => ({
      kind: 'redrive',
      asked,
      result: await api.redrive({ ...asked, dry_run: true }),
    }),
    setPreview,
  )
  const dryDiscard = useChange(
    async (ids: readonly string[]): Promise<Preview> => ({
      kind: 'discard',
      ids,
      result: await api.discard({ ids: [...ids], dry_run: true }),
    }),
    setPreview,
  )

  const items = value?.items ?? []
  const ids = items.filter(({ id }) => chosen.has(id)).map(({ id }) => id)
  const able = items.filter(({ redrivable }) => redrivable)
  const ableChosen = able.filter(({ id }) => chosen.has(id)).map(({ id }) => id)
  const choose = (id: string) => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    setChosen(next)
    setPreview(undefined)
  }
  const paced = { per_second: Number(perSecond) || 10 }

  return (
    <>
      <Failure error={failure} title={words.failed} />
      <div class="toolbar">
        <Field label={own.reason}>
          <select value={code} onChange={(event) => setCode(typedIn(event))}>
            <option value="">{own.allReasons}</option>
            {value?.reasons.map((reason) => (
              <option key={reason.code} value={reason.code}>
                {reason.code} ({formatCount(reason.count)})
              </option>
            ))}
          </select>
        </Field>
        {can.operate && items.length > 0 && (
          <>
            <Field label={own.perSecond}>
              <input
                type="number"
                min={1}
                max={50}
                value={perSecond}
                onInput={(event) => setPerSecond(typedIn(event))}
              />
            </Field>
            <button
              type="button"
              class="action"
              disabled={ableChosen.length === 0}
              onClick={() => dryRedrive.run({ ids: ableChosen.slice(0, 100), ...paced })}
            >
              {own.redrive(ableChosen.length)}
            </button>
            <button
              type="button"
              class="action"
              disabled={able.length === 0}
              onClick={() => dryRedrive.run({ all: true, ...(code && { code }), ...paced })}
            >
              {own.redriveAll}
            </button>
            <button
              type="button"
              class="action"
              disabled={ids.length === 0}
              onClick={() => dryDiscard.run(ids.slice(0, 100))}
            >
              {own.discard(ids.length)}
            </button>
          </>
        )}
      </div>
      <Failure error={dryRedrive.failure ?? dryDiscard.failure ?? redrive.failure ?? discard.failure} />
      {preview && (
        <PreviewBox
          preview={preview}
          running={redrive.running || discard.running}
          cancel={() => setPreview(undefined)}
          apply={() =>
            preview.kind === 'redrive' ? redrive.run(preview.asked) : discard.run({ ids: [...preview.ids] })
          }
        />
      )}
      {!value && !failure && <Waiting />}
      {value && (
        <Panel title={words.views.quarantine} lead={formatCount(items.length)}>
          {items.length === 0 ? (
            <Empty title={own.none} hint={own.noneHint} />
          ) : (
            <Table
              label={words.views.quarantine}
              head={[
                [own.selectAll, 'hidden'],
                [own.why],
                [own.image],
                [own.status],
                [own.times, 'number'],
                [own.first],
                [own.last],
              ]}
            >
              {items.map((item) => (
                <Row key={item.id} item={item} chosen={chosen.has(item.id)} choose={can.operate ? choose : undefined} />
              ))}
            </Table>
          )}
        </Panel>
      )}
    </>
  )
}

type RowProps = { item: StreamQuarantined; chosen: boolean; choose: ((id: string) => void) | undefined }
function Row({ item, chosen, choose }: RowProps) {
  const known = text.quarantine.codes[item.code as keyof typeof text.quarantine.codes]
  return (
    <tr>
      <td>
        {choose && (
          <input type="checkbox" checked={chosen} aria-label={own.select(item.id)} onChange={() => choose(item.id)} />
        )}
      </td>
      <td>
        <strong>{item.code}</strong>
        <div class="quiet small">{item.reason || known?.[0]}</div>
      </td>
      <td class="mono small">
        {item.id}
        <div class="quiet">{item.source}</div>
      </td>
      <td>
        {item.image ? <ImageState image={item.image} /> : words.none}
        {item.why_not && <div class="quiet small">{item.why_not}</div>}
      </td>
      <td class="number">{item.times}</td>
      <td>
        <Moment at={item.first_at} />
      </td>
      <td>
        <Moment at={item.last_at} />
      </td>
    </tr>
  )
}

type PreviewProps = { preview: Preview; running: boolean; apply: () => void; cancel: () => void }
const PreviewBox = ({ preview, running, apply, cancel }: PreviewProps) => (
  <div class="preview panel" role="status">
    <p>{words.dryRun}</p>
    <p>
      <strong>
        {preview.kind === 'redrive'
          ? own.preview.redrive(preview.result.redriven.length)
          : own.preview.discard(preview.result.receipts.length)}
      </strong>{' '}
      {preview.result.refused.length > 0 && own.preview.refused(preview.result.refused.length)}
    </p>
    <div class="buttons">
      <button type="button" class="action strong" disabled={running} onClick={apply}>
        {words.apply}
      </button>
      <button type="button" class="action" onClick={cancel}>
        {words.cancel}
      </button>
    </div>
  </div>
)
