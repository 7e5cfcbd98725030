/** The address bar as signals. Pages are paths; an opened photograph is `?image=<id>`, so that Back closes it. */
import { signal } from '@preact/signals'

export const path = signal(location.pathname)
export const openImage = signal(new URLSearchParams(location.search).get('image'))
/** The whole query, for pages that have several views. */
export const query = signal(location.search)

function read() {
  path.value = location.pathname
  query.value = location.search
  openImage.value = new URLSearchParams(location.search).get('image')
}
addEventListener('popstate', read)

export function navigate(to: string) {
  history.pushState(null, '', to)
  read()
}

/** The same list with a photograph opened over it: what it is filtered by stays in the address. */
export function imageAddress(id: string): string {
  const search = new URLSearchParams(query.value)
  search.set('image', id)
  return `${location.pathname}?${search}`
}

export function closeImage() {
  if (!openImage.value) return
  const search = new URLSearchParams(location.search)
  search.delete('image')
  navigate(`${location.pathname}${search.size > 0 ? `?${search}` : ''}`)
}

/** Changes the address without a step for Back: what is typed letter by letter is one search. */
export function replace(to: string) {
  history.replaceState(null, '', to)
  read()
}

/** Lets links be links: plain clicks stay in the page, all others do what the browser does. */
export function followLink(event: MouseEvent) {
  const link = (event.target as Element).closest('a')
  if (!link || link.target || link.origin !== location.origin || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.defaultPrevented) return
  event.preventDefault()
  navigate(`${link.pathname}${link.search}`)
}

/** To be read after `start` of a session may have changed the address. */
export const syncRoute = read
