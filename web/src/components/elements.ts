/** Web Awesome's elements that we use, as Preact's JSX knows them; and the first ones' code. */
import '@awesome.me/webawesome/dist/components/button/button.js'
import type { HTMLAttributes } from 'preact'

export type DialogElement = HTMLElement & { open: boolean }

type ButtonAttributes = HTMLAttributes<HTMLElement> & {
  variant?: 'neutral' | 'brand' | 'success' | 'warning' | 'danger'
  appearance?: 'accent' | 'filled' | 'outlined' | 'filled-outlined' | 'plain'
  size?: 'xs' | 's' | 'm' | 'l'
  disabled?: boolean
  loading?: boolean
  href?: string
  target?: string
  type?: 'button' | 'submit'
}
type DialogAttributes = HTMLAttributes<HTMLElement> & {
  label: string
  open?: boolean
  'light-dismiss'?: boolean
  'without-header'?: boolean
  'onwa-hide'?: (event: CustomEvent<{ source: Element }>) => void
  'onwa-after-hide'?: (event: Event) => void
}

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'wa-button': ButtonAttributes
      'wa-dialog': DialogAttributes
    }
  }
}
