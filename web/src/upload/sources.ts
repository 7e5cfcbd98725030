/** Where files come from besides the file dialog: dropped anywhere on the page, or pasted. */
import { signal } from '@preact/signals'
import { getDroppedFiles } from '@uppy/core/utils'
import { formatClock } from '../format.ts'
import { text } from '../text.ts'

/** Whether files hover over the page. */
export const dragging = signal(false)

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

/** A clipboard picture is called image.png each time; its time tells it apart. */
export function namePasted(file: File, at: number): File {
  if (file.name !== 'image.png') return file
  return new File([file], `${text.upload.pasted(formatClock(at).replaceAll(':', '.'))}.png`, { type: file.type })
}

/** @returns a function that stops listening */
export function listenForFiles(add: (files: readonly File[]) => void): () => void {
  const abort = new AbortController()
  const listen = <Name extends keyof WindowEventMap>(name: Name, react: (event: WindowEventMap[Name]) => void) =>
    addEventListener(name, react, { signal: abort.signal })
  // Enter and leave are told for every element on the way.
  let depth = 0

  listen('dragenter', (event) => {
    if (!hasFiles(event)) return
    depth++
    dragging.value = true
  })
  listen('dragleave', (event) => {
    if (!hasFiles(event)) return
    depth = Math.max(0, depth - 1)
    dragging.value = depth > 0
  })
  listen('dragover', (event) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy'
  })
  listen('drop', (event) => {
    if (!hasFiles(event) || !event.dataTransfer) return
    event.preventDefault()
    depth = 0
    dragging.value = false
    // Folders are opened, and what is in them comes too.
    void getDroppedFiles(event.dataTransfer).then(add)
  })
  listen('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])]
    if (files.length === 0) return
    event.preventDefault()
    add(files.map((file) => namePasted(file, Date.now())))
  })
  return () => abort.abort()
}
