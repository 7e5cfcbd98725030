/** Lucide's icons, drawn inline; decoration only, so the name of a control is always its text or label. */
import { createElement } from 'preact'

export type IconNode = readonly (readonly [tag: string, attributes: Record<string, string | number | undefined>])[]

type IconProps = { readonly node: unknown; readonly class?: string; readonly slot?: string }

export const Icon = ({ node, class: extra = '', slot }: IconProps) => (
  <svg slot={slot} class={`icon ${extra}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    {(node as IconNode).map(([tag, attributes]) => createElement(tag, attributes))}
  </svg>
)
