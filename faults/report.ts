/** What a run did and found, as tables; and the story of an image for which something was found. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CampaignResult } from './campaign.ts'
import { type Finding, findingKinds } from './check/findings.ts'
import type { Upload, Way } from './workload/history.ts'

export function table(rows: readonly (readonly [string, string | number])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${String(value).padStart(6)}`).join('\n')
}

const wayNames: Record<Way, string> = {
  direct: 'in one request',
  presigned: 'by a presigned form',
  parts: 'in parts',
  batch: 'in a batch',
}

const countBy = <T>(list: readonly T[], of: (item: T) => string): [string, number][] =>
  [...Map.groupBy(list, of)].map(([name, items]): [string, number] => [name, items.length]).sort()

/** Tables of faults, of clients, of what the stores held, and of findings. */
export function summary(result: CampaignResult): string {
  const { uploads, struck, seen, findings, calls } = result
  const kills = struck.filter(({ kind }) => kind.startsWith('kill'))
  const sides = new Set(struck.filter(({ call }) => call).map(({ target, call }) => `${target} ${call}`))
  const rows = [...seen.rows.values()]
  const acknowledged = uploads.filter((upload) => upload.acknowledged.size > 0)
  const parts = [
    ['Faults', countBy(struck, ({ kind, target }) => `${kind} ${/^\d/.test(target) ? '' : target}`.trim())],
    [
      'In all',
      [
        ['kills', kills.length],
        ['faults', struck.length],
        ['sides of calls at which a process was struck', `${sides.size} of ${calls.length * 2}`],
      ],
    ],
    [
      'Uploads',
      [
        ['begun', uploads.length],
        ['acknowledged', acknowledged.length],
        ...countBy(acknowledged, ({ way }) => `  ${wayNames[way]}`),
        ['with an attempt that was never answered', uploads.filter(({ unanswered }) => unanswered).length],
        ['erased on request', uploads.filter(({ erased }) => erased === 'told').length],
        ['come of age', uploads.filter(({ aged }) => aged).length],
      ],
    ],
    [
      'Ends of images',
      [
        ...countBy(rows, ({ status, reason }) => (reason ? `${status}: ${reason.code}` : String(status))),
        ['acknowledged, and gone for a reason', acknowledged.filter((upload) => isGone(upload, result)).length],
        ['events in the topic', seen.events.length],
      ],
    ],
    ['Found', findings.length > 0 ? countBy(findings, ({ kind }) => kind) : [['nothing', 0]]],
  ] as const satisfies readonly (readonly [string, readonly (readonly [string, string | number])[]])[]
  return parts.map(([title, list]) => `${title}\n${table(list)}`).join('\n\n')
}

const isGone = ({ acknowledged }: Upload, { seen }: CampaignResult) =>
  [...acknowledged].every((id) => !seen.rows.has(id))

/** So many are told in full; more of a kind tell nothing new. */
const mostStories = 5

/** What is known about the images that something was found for: client, ledger and logs. */
export async function stories({ findings, uploads, seen, home, struck }: CampaignResult): Promise<string> {
  const told: string[] = []
  for (const finding of findings.slice(0, mostStories)) {
    const upload = uploads.find(({ acknowledged, begun }) => acknowledged.has(finding.id) || begun.has(finding.id))
    const row = seen.rows.get(finding.id)
    told.push(
      [
        `${finding.kind}: ${findingKinds[finding.kind]}`,
        `  image ${finding.id || '(none)'}: ${finding.detail}`,
        ...(upload ? clientLines(upload) : ['  no client knows it']),
        `  ledger: ${row ? JSON.stringify(row) : 'no row'}`,
        ...(finding.id ? await logLines(home, finding.id) : []),
        ...around(finding, upload, struck),
      ].join('\n'),
    )
  }
  if (findings.length > told.length) told.push(`… and ${findings.length - told.length} more`)
  return told.join('\n\n')
}

const clientLines = ({ number, way, source, key, events }: Upload) => [
  `  upload ${number}: ${way}, ${source}, ${key ? `key ${key}` : 'without a key'}`,
  ...events.map(({ at, what }) => `    ${time(at)} client: ${what}`),
]

const time = (at: number) => new Date(at).toISOString().slice(11, 23)

const mostLines = 25

async function logLines(home: string, id: string): Promise<string[]> {
  const folder = join(home, 'logs')
  const found: string[] = []
  for (const name of await readdir(folder).catch(() => [])) {
    const text = await readFile(join(folder, name), 'utf8')
    found.push(
      ...text
        .split('\n')
        .filter((line) => line.includes(id))
        .map((line) => `    ${name}: ${line.slice(0, 300)}`),
    )
  }
  return found.slice(0, mostLines)
}

/** Faults from a little before the client began with it until it had its answer. */
function around({ id }: Finding, upload: Upload | undefined, struck: CampaignResult['struck']): string[] {
  const [first] = upload?.events ?? []
  const last = upload?.events.at(-1)
  if (!id || !first || !last) return []
  return struck
    .filter(({ at }) => at > first.at - 2_000 && at < last.at + 15_000)
    .slice(0, mostLines)
    .map(({ at, kind, target, call }) => `    ${time(at)} fault: ${kind} ${target} ${call ?? ''}`)
}
