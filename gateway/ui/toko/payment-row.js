/** One payment in a list, and the words for its sound. */

import { h } from '../kit/dom.js'
import { rupiah, secondOf, timeOf } from '../kit/format.js'
import { pill, soundOf, toneOf } from '../kit/payment.js'
import * as words from './text.id.js'

export const statusPill = ({ status }) => pill(toneOf[status], words.status[status])

/** Null while there is nothing to be heard. */
export function soundWords(payment) {
  const known = soundOf(payment)
  if (known === null) return null
  const { key, at, tone } = known
  const say = words.sound[key] ?? words.sound.other
  return { words: say(at === null ? '' : secondOf(at)), tone }
}

export function paymentRow(payment) {
  const heard = soundWords(payment)
  return h(
    'a',
    {
      class: 'row',
      href: `#/transaksi/${payment.transaction_id}`,
      'data-payment': payment.transaction_id,
    },
    h('b', { class: 'money' }, rupiah(payment.amount)),
    statusPill(payment),
    h(
      'span',
      { class: 'soft wide' },
      [timeOf(payment.paid_at ?? payment.created_at), payment.payer].filter(Boolean).join(' · '),
    ),
    heard !== null && h('span', { class: 'heard wide', 'data-tone': heard.tone }, heard.words),
  )
}
