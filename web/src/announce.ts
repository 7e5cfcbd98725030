/** One polite live region for what happens without the person doing anything. */
import { signal } from '@preact/signals'

export const announcement = signal('')
export function announce(message: string) {
  announcement.value = message
}
