/**
 * The rows of a long list. Groups of rows that are far from the window are left out and hold their place by the height
 * that they had: five thousand rows would be a quarter of a million elements. Rows differ in height, so the browser's
 * own scroll anchoring keeps what one looks at in its place.
 */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { text } from '../text.ts'
import type { ListedImage } from './merge.ts'

const groupSize = 40
/** A row that has never been seen: its picture and padding, in CSS pixels. */
const guessedRow = 121
/** So much before and after the window is there already when one scrolls. */
const margin = '1500px 0px'

type RowsProps = {
  readonly images: readonly ListedImage[]
  readonly row: (image: ListedImage) => ComponentChildren
  /** More is to come: asked for when the end comes near. Left out while it is on its way, and where that failed. */
  readonly onEnd: (() => void) | undefined
}

export function Rows({ images, row, onEnd }: RowsProps) {
  const groups = Array.from({ length: Math.ceil(images.length / groupSize) }, (_, n) =>
    images.slice(n * groupSize, (n + 1) * groupSize),
  )
  return (
    <div class="rows">
      {groups.map((group, n) => (
        // Groups are places in the list, not things: what is in them moves on when something new comes.
        <Group key={n} first={n === 0} images={group} row={row} />
      ))}
      {onEnd && <End key={images.length} onEnd={onEnd} />}
    </div>
  )
}

type GroupProps = Omit<RowsProps, 'onEnd'> & { readonly first: boolean }

function Group({ first, images, row }: GroupProps) {
  const place = useRef<HTMLUListElement>(null)
  const height = useRef(0)
  const [near, setNear] = useState(first)
  useEffect(() => {
    const element = place.current
    if (!element || first) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry) return
        // Whoever is in it by keyboard stays in it.
        if (!entry.isIntersecting && element.contains(document.activeElement)) return
        if (!entry.isIntersecting) height.current = element.offsetHeight
        setNear(entry.isIntersecting)
      },
      { rootMargin: margin },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [first])
  if (near) {
    return (
      <ul ref={place} class="rows-group" aria-label={first ? text.list.heading : undefined}>
        {images.map(row)}
      </ul>
    )
  }
  const blockSize = height.current || images.length * guessedRow
  return <ul ref={place} class="rows-group" aria-hidden="true" style={{ blockSize: `${blockSize}px` }} />
}

/**
 * Nothing to see; when it comes near the window, the next page is asked for. Made anew after each page: an observer that
 * has told once that it is near says nothing more.
 */
function End({ onEnd }: { onEnd: () => void }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = place.current
    if (!element) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onEnd(), { rootMargin: margin })
    observer.observe(element)
    return () => observer.disconnect()
  }, [onEnd])
  return <div ref={place} class="rows-end" aria-hidden="true" />
}
