/** Entry: puts the parts together and shows the page. */
import { render } from 'preact'
import type { WebConfig } from '../../contract/web.ts'
import './styles/tokens.css'
import './styles/webawesome.css'
import './styles/base.css'
import './styles/shell.css'
import { App } from './App.tsx'
import { createApi } from './api.ts'
import { loadConfig } from './config.ts'
import { createKeeping } from './images/keeping.ts'
import { createImageStore } from './images/store.ts'
import { syncRoute } from './router.ts'
import { createSession } from './session.ts'
import { text } from './text.ts'
import './theme.ts'
import { sendBody } from './upload/body.ts'
import { createHasher } from './upload/hash.ts'
import { createKept } from './upload/kept.ts'
import { createKnown } from './upload/known.ts'
import { createUploadQueue } from './upload/queue.ts'
import { createRecogniser } from './upload/recognise.ts'
import { createResumption } from './upload/resume.ts'
import { createSender } from './upload/send.ts'
import { createBatchSender } from './upload/send-batches.ts'
import { Message } from './Welcome.tsx'

const root = document.querySelector('#app') as HTMLElement
const retryMs = 2_000

/** Until the platform answers; somebody may open the page while it starts. */
async function configuration(): Promise<WebConfig> {
  for (;;) {
    try {
      return await loadConfig()
    } catch {
      render(<Message title={text.session.start} lead={text.session.startHint} />, root)
      await new Promise((go) => setTimeout(go, retryMs))
    }
  }
}

const config = await configuration()
const session = createSession(config)
const api = createApi(session)
const store = createImageStore(api, config.retentionDays)
const queue = createUploadQueue(
  {
    send: createBatchSender({ api, put: sendBody, alone: createSender(api, session, config) }),
    recogniser: createRecogniser(
      createHasher(),
      createKnown(async (sha256) => (await api.duplicates(sha256)).images),
    ),
    resumption: createResumption({
      kept: createKept(config.unfinishedUploadMs),
      api,
      owner: () => session.person.value?.email,
      largeBytes: config.directUploadBytes,
    }),
  },
  config,
  store.add,
)
const keeping = createKeeping(api, store)

render(<App config={config} session={session} api={api} queue={queue} keeping={keeping} />, root)
await session.start()
syncRoute()
