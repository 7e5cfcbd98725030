/** Now, as a signal: everything that shows a time that passes reads this one. */
import { signal } from '@preact/signals'

export const now = signal(Date.now())
// "Gone in 6 d 23 h" need not be exact to the second.
setInterval(() => {
  now.value = Date.now()
}, 10_000)

export const online = signal(navigator.onLine)
addEventListener('online', () => {
  online.value = true
})
addEventListener('offline', () => {
  online.value = false
})
