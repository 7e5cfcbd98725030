/** Erases everything of a person: asked for in writing, in rounds, and taken up again where it was interrupted. */
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { EverythingErased } from '../../../contract/personal-schemas.ts'
import { announce } from '../announce.ts'
import { type Api, ApiError } from '../api.ts'
import { Notice } from '../components/Notice.tsx'
import { formatCount } from '../format.ts'
import { text } from '../text.ts'

type EraseEverythingProps = {
  readonly api: Pick<Api, 'eraseEverything'>
  /** How many there are when it is asked for. */
  readonly images: number
  readonly onClose: () => void
}

type State = { readonly erased: number; readonly left: number; readonly failed: EverythingErased['failed'] }

export function EraseEverythingDialog({ api, images, onClose }: EraseEverythingProps) {
  const id = useId()
  const [typed, setTyped] = useState('')
  const [state, setState] = useState<State>()
  const [phase, setPhase] = useState<'asking' | 'running' | 'stuck' | 'done'>('asking')
  const [failure, setFailure] = useState<ApiError>()
  const closed = useRef(false)
  useEffect(
    () => () => {
      closed.current = true
    },
    [],
  )
  const agreed = typed.trim().toLowerCase() === text.everything.word

  async function run() {
    setPhase('running')
    setFailure(undefined)
    let erased = state?.erased ?? 0
    try {
      for (;;) {
        const round = await api.eraseEverything()
        erased += round.erased
        setState({ erased, left: round.left, failed: round.failed })
        if (round.left === 0) break
        if (closed.current) return
        if (round.erased === 0) return setPhase('stuck')
      }
      setPhase('done')
      announce(text.everything.done)
    } catch (error) {
      setFailure(error instanceof ApiError ? error : new ApiError(0, {}))
      setPhase('stuck')
    }
  }
  const total = state ? state.erased + state.left : images
  return (
    <wa-dialog class="erase" open label={text.everything.title} onwa-after-hide={onClose}>
      {phase === 'asking' && (
        <>
          <p>{text.everything.body(formatCount(images))}</p>
          <form
            class="everything-form"
            onSubmit={(event) => {
              event.preventDefault()
              if (agreed) void run()
            }}
          >
            <label for={`${id}-word`}>{text.everything.type(text.everything.word)}</label>
            <input
              id={`${id}-word`}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              value={typed}
              onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            />
          </form>
        </>
      )}
      {phase !== 'asking' && (
        <div class="bulk-progress">
          <progress
            class="bulk-bar"
            aria-label={text.everything.running}
            max={Math.max(1, total)}
            value={state?.erased ?? 0}
          />
          <p class="figures" role="status">
            {phase === 'done'
              ? text.everything.done
              : text.bulk.progress(formatCount(state?.erased ?? 0), formatCount(total))}
          </p>
          {phase === 'running' && <p class="small quiet">{text.everything.mayClose}</p>}
        </div>
      )}
      {phase === 'stuck' && (
        <Notice kind="bad" title={failure?.message ?? text.everything.stuck(formatCount(state?.left ?? 0))}>
          <p class="small">{failure?.hint ?? state?.failed[0]?.detail}</p>
        </Notice>
      )}
      <div slot="footer" class="dialog-actions">
        <wa-button autofocus variant="neutral" appearance="outlined" onClick={onClose}>
          {phase === 'asking' ? text.bulk.keep : text.bulk.close}
        </wa-button>
        {phase === 'stuck' && (
          <wa-button variant="danger" appearance="accent" onClick={() => void run()}>
            {text.everything.goOn}
          </wa-button>
        )}
        {(phase === 'asking' || phase === 'running') && (
          <wa-button
            variant="danger"
            appearance="accent"
            disabled={!agreed}
            loading={phase === 'running'}
            onClick={() => void run()}
          >
            {text.everything.confirm}
          </wa-button>
        )}
      </div>
    </wa-dialog>
  )
}
