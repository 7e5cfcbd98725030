import { describe, expect, it } from 'vitest'
import { sandbox, withoutStyles } from '../../web/src/notebooks/frame.ts'

describe('a notebook’s page', () => {
  it('goes into its frame without styles, which come after', () => {
    const page =
      '<head><style>p { color: red }</style>\n<STYLE type="text/css">a {}</STYLE></head><p STYLE="top:0" id="a">x</p>'
    expect(withoutStyles(page)).toEqual({
      html: '<head>\n</head><p data-style="top:0" id="a">x</p>',
      styles: 'p { color: red }\na {}',
    })
  })

  it('keeps its words, also those about styles', () => {
    const page =
      '<pre>&lt;p style=&#34;&#34;&gt; 1 < 2, my style= none > </pre><img alt="" src="data:image/png;base64,AA=="/>'
    expect(withoutStyles(page)).toEqual({ html: page, styles: '' })
  })

  it('is given no script, form, window or download', () => {
    expect(sandbox).toBe('allow-same-origin')
  })
})
