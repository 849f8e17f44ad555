/** How a payment stands, in the words of the area that asks. */

import { h, icon } from './dom.js'

export const toneOf = {
  paid: 'good',
  paid_late: 'warn',
  pending: 'warn',
  expired: 'soft',
  failed: 'bad',
  partly_refunded: 'soft',
  refunded: 'soft',
}
const drawings = { good: 'done', warn: 'waiting', bad: 'failed', soft: 'waiting' }

/** Colour, drawing and word: none of them alone. */
export const pill = (tone, words) =>
  h('span', { class: 'pill', 'data-tone': tone }, icon(drawings[tone]), words)

/** Which of the words of a sound fit: a key, and the moment it happened. */
export function soundOf({ status, sound }) {
  if (status === 'pending' || status === 'expired' || status === 'failed') return null
  const { outcome, reason, published_at: published, received_at: received } = sound
  if (outcome === 'played') {
    const at = sound.played_at ?? received ?? published
    return { key: reason === 'sent' || reason === 'received' ? reason : 'played', tone: 'good', at }
  }
  if (outcome === 'digest') return { key: 'digest', tone: 'warn', at: null }
  if (outcome === 'silent') {
    const key = reason !== 'no_proof' ? reason : published === null ? 'offline' : 'unanswered'
    return { key, tone: 'bad', at: null }
  }
  if (received !== null) return { key: 'playing', tone: 'warn', at: received }
  return { key: published === null ? 'queued' : 'sending', tone: 'warn', at: published }
}
