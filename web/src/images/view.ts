/** Which of one's photographs are shown, and in which order, as the address bar has it. Pure. */
import type { ImageOrder } from '../../../platform.ts'

/** The states as people tell them apart → as the platform does. */
export const stateGroups = {
  ready: 'processed',
  working: 'received,published',
  quarantined: 'quarantined',
  unfinished: 'uploading',
} as const
export type StateGroup = keyof typeof stateGroups

/** Sizes of originals in decimal megabytes: from (included) and to. */
export const sizeGroups = {
  'under-1': { to: 1 },
  '1-5': { from: 1, to: 5 },
  '5-20': { from: 5, to: 20 },
  'over-20': { from: 20 },
} as const satisfies Record<string, { readonly from?: number; readonly to?: number }>
export type SizeGroup = keyof typeof sizeGroups

export const orders = ['newest', 'oldest', 'largest', 'smallest', 'name'] as const satisfies readonly ImageOrder[]

export type View = {
  readonly name?: string
  readonly state?: StateGroup
  readonly type?: string
  readonly camera?: string
  readonly size?: SizeGroup
  /** Days in the visitor's own time, `YYYY-MM-DD`; both are part of what is shown. */
  readonly from?: string
  readonly to?: string
  readonly order: ImageOrder
}

export const plainView: View = { order: 'newest' }

const day = /^\d{4}-\d{2}-\d{2}$/
const oneOf = <T extends string>(values: readonly T[], text: string | null): T | undefined =>
  values.find((value) => value === text)

/** What cannot be meant is left out: an address may be old, or typed. */
export function readView(search: string): View {
  const query = new URLSearchParams(search)
  const given = {
    name: query.get('name')?.slice(0, 200) || undefined,
    state: oneOf(Object.keys(stateGroups) as StateGroup[], query.get('state')),
    type: /^image\/[a-z]+$/.exec(query.get('type') ?? '')?.[0],
    camera: query.get('camera')?.slice(0, 200) || undefined,
    size: oneOf(Object.keys(sizeGroups) as SizeGroup[], query.get('size')),
    from: day.exec(query.get('from') ?? '')?.[0],
    to: day.exec(query.get('to') ?? '')?.[0],
  }
  const known = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(known), order: oneOf(orders, query.get('order')) ?? 'newest' }
}

/** @returns the query of an address, with its question mark where there is something to say */
export function writeView({ order, ...filter }: View): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value)
  if (order !== 'newest') query.set('order', order)
  const text = query.toString()
  return text && `?${text}`
}

export const isPlain = (view: View): boolean => writeView(view) === ''
export const isFiltered = (view: View): boolean => writeView({ ...view, order: 'newest' }) !== ''

/** The same for the API: bytes, moments, the platform's own states. */
export function apiQuery({ name, state, type, camera, size, from, to, order }: View): Record<string, string> {
  const sizes: { readonly from?: number; readonly to?: number } = size ? sizeGroups[size] : {}
  const query = {
    name,
    status: state && stateGroups[state],
    type,
    camera,
    min_bytes: sizes.from === undefined ? undefined : String(sizes.from * 1_000_000),
    max_bytes: sizes.to === undefined ? undefined : String(sizes.to * 1_000_000 - 1),
    from: from && startOfDay(from, 0),
    to: to && startOfDay(to, 1),
    order: order === 'newest' ? undefined : order,
  }
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as Record<string, string>
}

/** Midnight of the visitor's own day, or of one after it; undefined for a day that is none. */
function startOfDay(text: string, later: number): string | undefined {
  const [year = 0, month = 1, date = 1] = text.split('-').map(Number)
  const at = new Date(year, month - 1, date + later)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
