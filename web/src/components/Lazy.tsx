/** A part of the page whose code comes when it is needed. */
import type { ComponentChildren, ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  let loaded: ComponentType<Props> | undefined
  let loading: Promise<void> | undefined
  const preload = () => {
    loading ??= load().then(
      (component) => {
        loaded = component
      },
      (error) => {
        loading = undefined
        throw error
      },
    )
    return loading
  }
  function Lazy({ fallback, ...props }: Props & { fallback?: ComponentChildren }) {
    const [, rerender] = useState(0)
    useEffect(() => {
      if (!loaded) void preload().then(() => rerender((count) => count + 1))
    }, [])
    const Component = loaded
    return Component ? <Component {...(props as unknown as Props)} /> : (fallback ?? null)
  }
  return Object.assign(Lazy, { preload })
}
