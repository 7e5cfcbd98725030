/** Light, dark, or as the system has it; remembered in this browser. */
import { effect, signal } from '@preact/signals'

export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'darkroom-theme'
const stored = localStorage.getItem(key)
export const theme = signal<Theme>(themes.find((known) => known === stored) ?? 'auto')

export function nextTheme() {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto'
  localStorage.setItem(key, theme.value)
}

effect(() => {
  if (theme.value === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme.value
})
