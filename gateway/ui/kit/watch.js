/**
 * A page that keeps itself up to date by asking again.
 *
 * WPB1. It asks only while it is seen, and at once when it is seen again.
 * WPB2. When the answer does not come, the pauses grow; with the first answer they are short again.
 * WPB3. While facts come by a line of their own it asks when one comes, and else seldom.
 */

const pauseMsMax = 60_000
const seldomMs = 15_000
/** However much happens, it asks no more often than this. */
const gapMs = 1_500
/** What is told by the line may be a moment away from being readable. */
const looksPerFact = 2

/** `look` says whether there was an answer; `live` is a line of `kit/live.js`. */
export function watch(look, { node, signal, pauseMs = 3_000, live = null }) {
  let fails = 0
  let timer = 0
  let asking = false
  let lookedAt = 0
  /** Looks that facts still ask for. */
  let due = 0
  const usualMs = () => (live?.isOpen() ? Math.max(pauseMs, seldomMs) : pauseMs)
  const isSeen = () => node.isConnected && !document.hidden

  function later(ms) {
    clearTimeout(timer)
    if (!signal.aborted) timer = setTimeout(turn, ms)
  }

  async function turn() {
    if (asking) return
    if (!isSeen()) return later(usualMs())
    asking = true
    if (due > 0) due--
    fails = (await look().catch(() => false)) ? 0 : fails + 1
    lookedAt = Date.now()
    asking = false
    if (due > 0 && fails === 0) later(gapMs)
    else later(Math.min(usualMs() * 2 ** fails, pauseMsMax))
  }

  const hurry = () => {
    fails = 0
    if (isSeen()) later(0)
  }
  document.addEventListener('visibilitychange', hurry, { signal })
  addEventListener('online', hurry, { signal })
  addEventListener('popstate', () => setTimeout(hurry), { signal })
  signal.addEventListener('abort', () => clearTimeout(timer))
  live?.listen(() => {
    due = looksPerFact
    if (!asking) later(Math.max(0, lookedAt + gapMs - Date.now()))
  }, signal)
  later(pauseMs)
}
