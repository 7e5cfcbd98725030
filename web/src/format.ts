/** Numbers, sizes and times as people read them. Pure; the locale is the document's. */
import { text } from './text.ts'

const locale = 'en-GB'
const { units } = text
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB']

/** Decimal units, as file managers show them: `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), byteUnits.length - 1)
  const value = bytes / 1000 ** power
  const digits = power === 0 || value >= 100 ? 0 : 1
  return `${value.toLocaleString(locale, { maximumFractionDigits: digits })} ${byteUnits[power]}`
}

/** A limit as it is defined, in powers of two: `100 MiB`. */
export const formatLimit = (bytes: number): string => `${(bytes / 1024 ** 2).toLocaleString(locale)} MiB`

export const formatCount = (count: number): string => count.toLocaleString(locale)

/** @param share 0.42 → `42 %`; what is not nothing is never shown as 0 % */
export function formatShare(share: number): string {
  const percent = Math.abs(share) * 100
  return percent > 0 && percent < 1 ? '<1 %' : `${Math.round(percent)} %`
}

/** How long something took: `38 ms`, `1.4 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  const length = Math.max(0, milliseconds)
  if (length < second) return `${Math.round(length)} ${units.millisecond}`
  if (length < minute) return `${(length / second).toFixed(length < 10 * second ? 1 : 0)} ${units.second}`
  return twoUnits(length)
}

/** How long until something: `6 d 23 h`, `3 h 12 min`, `45 s`. */
export function formatRemaining(milliseconds: number): string {
  if (milliseconds < minute) return `${Math.max(0, Math.ceil(milliseconds / second))} ${units.second}`
  return twoUnits(milliseconds)
}

/** A length of time in words, as people choose one: `1 hour`, `3 days`, `3 days 6 hours`. */
export function formatLength(milliseconds: number): string {
  const parts: [number, readonly [string, string]][] = [
    [Math.floor(milliseconds / day), text.lengths.day],
    [Math.floor((milliseconds % day) / hour), text.lengths.hour],
  ]
  return parts
    .filter(([value]) => value > 0)
    .map(([value, [one, many]]) => `${value} ${value === 1 ? one : many}`)
    .join(' ')
}

/** About how long ago, in one unit: `3 min`. */
export const formatAgo = (milliseconds: number): string =>
  milliseconds < minute ? formatRemaining(milliseconds) : (twoUnits(milliseconds).match(/^\S+ \S+/)?.[0] ?? '')

function twoUnits(milliseconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(milliseconds / day), units.day],
    [Math.floor((milliseconds % day) / hour), units.hour],
    [Math.floor((milliseconds % hour) / minute), units.minute],
    [Math.floor((milliseconds % minute) / second), units.second],
  ]
  const first = parts.findIndex(([value]) => value > 0)
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ')
}

const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' })
const clockTime = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' })

const hourOfDay = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' })
const dayOfYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })

export const formatHour = (time: number): string => hourOfDay.format(time)
export const formatDay = (time: number): string => dayOfYear.format(time)
export const formatDateTime = (time: string | number): string => dateTime.format(new Date(time))
export const formatExact = (time: string | number): string => exact.format(new Date(time))
export const formatClock = (time: string | number): string => clockTime.format(new Date(time))

const typeNames: Record<string, string> = { 'image/jpeg': 'JPEG', 'image/gif': 'GIF', 'image/webp': 'WebP' }

/** `image/jpeg` → `JPEG`. */
export const formatType = (type: string): string => typeNames[type] ?? type.replace(/^image\//, '').toUpperCase()

export function formatList(items: readonly string[], type: 'conjunction' | 'disjunction' = 'conjunction'): string {
  return new Intl.ListFormat(locale, { type }).format(items)
}
