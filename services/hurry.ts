/**
 * Leaving in two steps: what is under way is waited for, until somebody says that there is no more
 * time. The signal that says so may have come before anybody listened.
 */

export function whenHurried(hurry: AbortSignal | undefined, then: () => void): void {
  if (hurry === undefined) return
  if (hurry.aborted) then()
  else hurry.addEventListener('abort', then, { once: true })
}
