/** One notebook inside the page, as tall as it is, in the page's colours. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { text } from '../text.ts'
import { theme } from '../theme.ts'
import { dress, sandbox, withoutStyles } from './frame.ts'

export function NotebookFrame({ title, html }: { readonly title: string; readonly html: string }) {
  const frame = useRef<HTMLIFrameElement>(null)
  const [loaded, setLoaded] = useState(false)
  const framed = useMemo(() => withoutStyles(html), [html])
  const scheme = theme.value === 'auto' ? 'light dark' : theme.value

  function load() {
    if (!frame.current) return
    dress(frame.current, framed.styles)
    setLoaded(true)
  }
  useEffect(() => {
    const root = frame.current?.contentDocument?.documentElement
    if (loaded && root) root.style.colorScheme = scheme
  }, [loaded, scheme])
  useEffect(() => {
    const page = frame.current?.contentDocument
    if (!loaded || !page) return
    // It grows when code is unfolded and when the window becomes narrower.
    const measure = () => {
      if (frame.current) frame.current.style.blockSize = `${Math.ceil(page.documentElement.offsetHeight)}px`
    }
    const observer = new ResizeObserver(measure)
    observer.observe(page.documentElement)
    return () => observer.disconnect()
  }, [loaded])

  return (
    <iframe
      ref={frame}
      class={`notebook-frame ${loaded ? 'loaded' : ''}`}
      title={text.notebooks.contents(title)}
      sandbox={sandbox}
      srcdoc={framed.html}
      onLoad={load}
    />
  )
}
