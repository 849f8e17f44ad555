/** One payment in a list, with how it was heard. */

import { h } from '../kit/dom.js'
import { rupiah, secondOf, timeOf } from '../kit/format.js'
import { pill, soundOf, toneOf } from '../kit/payment.js'
import { cells, money, soft } from './cells.js'
import { payments as words } from './text.id.js'

export const statusPill = ({ status }) => pill(toneOf[status], words.statuses[status])

export function heardWords(payment) {
  const known = soundOf(payment)
  if (known === null) return null
  const say = words.heard[known.key] ?? words.heard.other
  return { words: say(known.at === null ? '' : secondOf(known.at)), tone: known.tone }
}

/** `known`: names of merchants and terminals. */
export const paymentRow = known => payment => {
  const heard = heardWords(payment)
  return cells(
    `#/transaksi/${payment.transaction_id}`,
    money(rupiah(payment.amount)),
    statusPill(payment),
    soft(`${known().merchant(payment.merchant_id)} · ${known().terminal(payment.terminal_id)}`),
    soft(timeOf(payment.paid_at ?? payment.created_at)),
    h('span', { class: 'heard wide', 'data-tone': heard?.tone ?? 'soft' }, heard?.words ?? ''),
  )
}
