/**
 * When there is a line again. The browser's own word for it is of the plug only: a phone with full
 * bars and no traffic is "online" all the time, and so is one whose server is just starting again.
 *
 *   request ─▶ nobody ─▶ `missed` ─▶ trouble on the page ─▶ somebody? ─▶ asked once more
 *
 * WUR1. Nobody has to press when there is a line again, whether or not the browser tells of it.
 * WUR2. It is looked for with growing pauses, and only while the page is seen.
 * WUR3. Where somebody answered the trouble is another one, and a person decides.
 */

const pauseMsMin = 2_000
const pauseMsMax = 60_000
const answerMsMax = 10_000
/** What is shown so soon after a request is of that request. */
const atOnceMs = 1_000

let missedAt = Number.NEGATIVE_INFINITY

/** A request found nobody. */
export function missed() {
  missedAt = performance.now()
}

/** Calls `then` once, unless `node` has left the page before. */
export function whenReached(node, then) {
  let pauseMs = pauseMsMin
  let isOver = false

  function told() {
    isOver = true
    removeEventListener('online', told)
    if (node.isConnected) then()
  }

  async function look() {
    if (isOver) return
    if (!node.isConnected) return told()
    if (document.hidden) return later()
    const isThere = await isReached()
    if (isOver) return
    if (isThere) return told()
    pauseMs = Math.min(2 * pauseMs, pauseMsMax)
    later()
  }

  const later = () => void setTimeout(look, pauseMs)

  addEventListener('online', told)
  if (performance.now() - missedAt < atOnceMs) later()
}

/** Whatever the answer is. */
const isReached = () =>
  fetch('/health', { cache: 'no-store', signal: AbortSignal.timeout(answerMsMax) }).then(
    () => true,
    () => false,
  )
