/**
 * What was last heard of each order. Bounded; the ones heard of longest ago are forgotten first.
 */

/** An open order older than this is waiting for somebody, and says so. */
const waitingAfterMs = 3_000
const knownMax = 2_000

const stages = { SUCCESS: 'done', FAILED: 'failed', REFUND: 'returned' }
const ranks = { running: 0, waiting: 0, failed: 1, done: 1, returned: 2 }

export const isOpen = order => stages[order.status] === undefined

export const elapsed = order => (isOpen(order) ? performance.now() - order.startedAt : order.ms)

export const stageOf = order =>
  stages[order.status] ?? (elapsed(order) >= waitingAfterMs ? 'waiting' : 'running')

export function createOrders() {
  const known = new Map()

  return {
    get: trxId => known.get(trxId),
    /** Returns the order as now known, or null when the word is older than what is known. */
    hear(word) {
      const now = performance.now()
      const order = { ...word, startedAt: now - word.ms, heardAt: now }
      const before = known.get(word.trxId)
      if (before !== undefined) {
        if (ranks[stageOf(order)] < ranks[stageOf(before)]) return null
        order.startedAt = Math.min(order.startedAt, before.startedAt)
      }
      known.delete(word.trxId)
      known.set(word.trxId, order)
      if (known.size > knownMax) known.delete(known.keys().next().value)
      return order
    },
  }
}
