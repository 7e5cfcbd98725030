/**
 * The canary on Spark: analysts' notebooks show it, the job behind the dashboard counts it, and a run is killed while it
 * reads it. After the purge neither pages nor tables nor anything that Spark, Java or Jupyter have written knows of it.
 */
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { environmentWith, localConfig } from '../../config.ts'
import { notebookRoutes } from '../../contract/notebook-routes.ts'
import { type NotebookList, notebookList } from '../../contract/notebooks.ts'
import { notebookNames, requirementsFile } from '../../local/notebooks/execute.ts'
import { galleryFolder, runFolder } from '../../local/notebooks/gallery.ts'
import { ensureVenv } from '../../local/setup/python.ts'
import { scratchFolder } from '../../local/spark/scratch.ts'
import { ensureSparkJars, localLakeRoots, sparkSettings } from '../../local/spark/settings.ts'
import { poll } from '../../local/supervisor/poll.ts'
import { createReport } from '../../scripts/bootstrap/progress.mjs'
import { apiClient } from '../support/api.ts'
import { letEventsExpire, type Place, purgeInEightDays, startPlace } from '../support/canary/place.ts'
import { type Planted, plant } from '../support/canary/plant.ts'
import { idNeedles, personalNeedles } from '../support/canary/sought.ts'
import { childrenOf, isAlive } from '../support/processes.ts'
import type { Hit, Needle } from '../support/search.ts'

const root = resolve(import.meta.dirname, '../..')
const minute = 60_000

let place: Place
let planted: Planted
let spark: { python: string; classpath: string }
let due: Needle[]
let everything: Needle[]

beforeAll(async () => {
  // As `npm run notebooks` does, and with the settings of whoever runs the tests: they say where packages come from.
  const report = createReport()
  const { python } = await ensureVenv(localConfig(), report, requirementsFile)
  spark = { python, classpath: await ensureSparkJars(localConfig(), report) }
  place = await startPlace()
  planted = await plant(place.platform)
  const parts = [planted.due, planted.held, planted.erased]
  const embedded = (one: (typeof parts)[number]) =>
    personalNeedles(
      one,
      parts.filter((other) => other !== one),
      { base64: true },
    )
  due = embedded(planted.due)
  everything = [...parts.flatMap(embedded), ...parts.flatMap(idNeedles)]
})
afterAll(async () => place?.stop(), 2 * minute)

const foundIn = (hits: readonly Hit[]) => [...new Set(hits.map(({ needle }) => needle))]
const isStore = ({ place: where }: Hit) => /^data\/(s3|dynamodb|kafka)\//.test(where)
const isLog = ({ place: where }: Hit) => where.startsWith('logs/')
/** Where the job's tables are; they stay when images go, because they count only. */
const tablesFolder = () => join(place.platform.home, 'tables')

/** As the scheduled job of the workspace does, with tables and events as files that nothing compresses. */
async function refreshReports(): Promise<void> {
  const { platform } = place
  const scratch = join(platform.home, 'job')
  const settings = {
    ...sparkSettings(platform.config, { classpath: spark.classpath, scratch }),
    'spark.sql.warehouse.dir': `file:${tablesFolder()}`,
    'spark.sql.parquet.compression.codec': 'uncompressed',
    'spark.eventLog.enabled': 'true',
    'spark.eventLog.rolling.enabled': 'false',
    'spark.eventLog.compress': 'false',
    'spark.eventLog.dir': `file:${join(scratch, 'events')}`,
  }
  await mkdir(join(scratch, 'events'), { recursive: true })
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}`)
  await writeFile(join(scratch, 'spark-defaults.conf'), lines.join('\n'))
  const args = ['jobs/refresh_reports.py', 'src', localLakeRoots.mount, 'default']
  const env = environmentWith({ ...platform.variables, SPARK_CONF_DIR: scratch, PYTHONDONTWRITEBYTECODE: '1' })
  await promisify(execFile)(spark.python, args, { cwd: join(root, 'databricks'), env, maxBuffer: 64 * 1024 * 1024 })
}

/** All processes below one, deepest first. */
const processesBelow = (pid: number): number[] => childrenOf(pid).flatMap((child) => [...processesBelow(child), child])

describe('while the canary is in the lake', () => {
  it('a run of the notebooks that is killed, Spark and all, leaves nothing that is not cleared away', async () => {
    const { home, variables } = place.platform
    const child = spawn(process.execPath, ['scripts/notebooks.ts', '--only', '3_content'], {
      cwd: root,
      env: environmentWith(variables),
      stdio: 'ignore',
    })
    const pid = child.pid ?? 0
    const javaFolders = async () =>
      (await readdir(scratchFolder(home), { recursive: true })).filter((name) => /blockmgr-/.test(name))
    await poll(async () => expect(await javaFolders()).not.toEqual([]), {
      limitMs: 8 * minute,
      everyMs: 50,
    })
    // Whoever would clear up goes first.
    const processes = [pid, ...processesBelow(pid).toReversed()]
    for (const one of processes) process.kill(one, 'SIGSTOP')
    for (const one of processes) process.kill(one, 'SIGKILL')
    expect(await javaFolders()).not.toEqual([])
    await poll(
      async () => {
        expect(processes.filter(isAlive)).toEqual([])
        expect(await readdir(scratchFolder(home))).toEqual([])
        expect(existsSync(runFolder(home))).toBe(false)
      },
      { limitMs: minute, everyMs: 250 },
    )
  })

  it('it is in the pages of the notebooks, by its words and its pixels, and nowhere else outside of the stores', async () => {
    const { code, output } = await place.command('scripts/notebooks.ts', '--only', '3_content')
    expect({ code, output }).toMatchObject({ code: 0 })
    await refreshReports()
    const hits = await place.search('.', everything)
    const shown = hits.filter(({ place: where }) => where.startsWith('notebooks/'))
    expect(foundIn(shown)).toContain('the words inside')
    expect(foundIn(shown).filter((name) => name.startsWith('rendition thumb')).length).toBeGreaterThan(2)
    expect(hits.filter((hit) => !isStore(hit) && !isLog(hit) && !shown.includes(hit))).toEqual([])
    expect(hits.filter(isLog).filter(({ needle }) => !needle.startsWith('id '))).toEqual([])
  })

  it('the job has written its tables and its events', async () => {
    const files = await readdir(tablesFolder(), { recursive: true })
    for (const table of ['volume', 'latency', 'reasons', 'due', 'purges'])
      expect(files.some((file) => file.startsWith(`${table}/`) && file.endsWith('.parquet'))).toBe(true)
    const volume = files.find((file) => file.startsWith('volume/') && file.endsWith('.parquet')) ?? ''
    expect((await readFile(join(tablesFolder(), volume))).includes('jpeg'), 'what is in a table is found').toBe(true)
    const [log = ''] = await readdir(join(place.platform.home, 'job/events'))
    expect(await readFile(join(place.platform.home, 'job/events', log), 'utf8')).toContain('SparkListenerJobEnd')
  })
})

describe('after the purge', () => {
  beforeAll(async () => {
    await purgeInEightDays(place)
  })

  it('the pages are gone, for whoever asks and from the disk', async () => {
    const { platform } = place
    const analyst = apiClient(platform.url, await platform.token('analysts'))
    const list = await analyst.call<NotebookList>('GET', notebookRoutes.list)
    expect(notebookList.parse(list.json)).toEqual({ run: null, running_since: null })
    for (const name of notebookNames()) {
      expect((await analyst.call('GET', notebookRoutes.page(name))).status).toBe(404)
    }
    expect(existsSync(galleryFolder(platform.home))).toBe(false)
  })

  it('nothing of what was due is anywhere: pages, tables, events, folders of Spark, Java and Jupyter', async () => {
    await poll(async () => expect(await place.search('.', due)).toEqual([]), { limitMs: 2 * minute, everyMs: 2_000 })
  })

  it('and nothing at all, ids included, when the hold has ended and the stream has forgotten', async () => {
    const { engineer, held } = planted
    expect((await engineer.call('DELETE', `/retention/holds/${held.ids[0]}`)).status).toBe(200)
    await purgeInEightDays(place)
    await letEventsExpire(place)
    await poll(async () => expect((await place.search('.', everything)).filter((hit) => !isLog(hit))).toEqual([]), {
      limitMs: 2 * minute,
      everyMs: 2_000,
    })
    // The tables are still there: they were searched, and hold nothing.
    expect((await readdir(tablesFolder())).length).toBeGreaterThan(3)
  })
})
