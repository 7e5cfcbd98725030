/**
 * A notebook's HTML in a frame that runs nothing. The frame is under the page's content security policy, which takes no
 * styles from a document; so they are taken out before, and put in afterwards by the way that scripts of ours have.
 */

/** The frame's sandbox: no scripts, forms, windows or downloads. Ours may reach in, to set styles and to measure. */
export const sandbox = 'allow-same-origin'

export type Framed = { readonly html: string; readonly styles: string }

const keptStyle = 'data-style'

/** As text, because parsing it would apply the styles and break the policy. @param html of a whole document */
export function withoutStyles(html: string): Framed {
  const sheets: string[] = []
  const bare = html.replace(/<style\b[^>]*>([\s\S]*?)<\/style>/gi, (_, sheet: string) => {
    sheets.push(sheet)
    return ''
  })
  const kept = bare.replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/\sstyle=/i, ` ${keptStyle}=`))
  return { html: kept, styles: sheets.join('\n') }
}

/** Gives a loaded frame its styles. */
export function dress({ contentDocument: page, contentWindow }: HTMLIFrameElement, styles: string): void {
  if (!page || !contentWindow) return
  const { CSSStyleSheet } = contentWindow as unknown as typeof globalThis
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(styles)
  page.adoptedStyleSheets = [sheet]
  for (const element of page.querySelectorAll<HTMLElement>(`[${keptStyle}]`)) {
    element.style.cssText = element.getAttribute(keptStyle) ?? ''
  }
}
