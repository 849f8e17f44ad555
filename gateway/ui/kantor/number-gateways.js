/**
 * What each payment gateway owes us now, what of it it has paid out, and noting that it did.
 *
 * WPV1. A payout is noted after two presses; more than the gateway owes is refused with what it
 *       owes, and what is noted is off what it owes at once.
 */

import { fill, h } from '../kit/dom.js'
import { dayAt, dayBegan, dayOf, rupiah } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { cells, input, money, soft, strong } from './cells.js'
import { deed, needed, summed, summedOrNone } from './deed.js'
import { call } from './desk.js'
import { root } from './number-ways.js'
import { usual } from './text.id.js'
import { gateways as words } from './text-number.id.js'

const path = `${root}/payment-gateways`
const newest = 5

export function gatewaysPart() {
  const node = h('div', null, skeleton(2))
  return { node, look }

  async function look() {
    const answer = await call('GET', path)
    if (!answer.ok) return fill(node, trouble(answer.sentence, look))
    const { rows } = answer.data
    const paid = await Promise.all(
      rows.map(({ code }) => call('GET', `${placeOf(code)}?limit=${newest}`)),
    )
    fill(
      node,
      rows.length === 0 && h('div', { class: 'empty' }, h('p', null, words.empty)),
      rows.map((one, index) => card(one, paid[index], look)),
    )
  }
}

const placeOf = code => `${path}/${encodeURIComponent(code)}/payouts`

const card = (one, paid, look) =>
  h(
    'section',
    { class: 'card' },
    h(
      'div',
      { class: 'head' },
      h('h3', null, one.code),
      one.active ? pill('good', words.active) : pill('soft', words.off),
    ),
    h('dl', null, line(words.owed, one.owed === null ? usual.none : rupiah(one.owed))),
    paid.ok ? payouts(paid.data.rows) : trouble(paid.sentence, look),
    h('div', { class: 'deeds' }, noting(one.code, look)),
  )

const payouts = rows =>
  rows.length === 0
    ? h('p', { class: 'soft' }, words.noPayouts)
    : h(
        'ul',
        { class: 'rows', 'aria-label': words.payouts },
        rows.map(one => h('li', null, payoutRow(one))),
      )

const payoutRow = ({ ref, amount, fee, day, status }) =>
  cells(
    null,
    strong(ref),
    money(rupiah(amount)),
    soft(dayOf(`${day}T12:00:00+07:00`)),
    soft(status === 'done' ? words.feeOf(fee) : words.underWay),
  )

function noting(code, after) {
  const rupiahIn = read => ({ inputmode: 'numeric', maxlength: 20, read })
  return deed({
    ...{ name: words.note, group: 'payers', path: placeOf(code), sure: true, after },
    fields: [
      input('amount', words.amount, { ...rupiahIn(summed), note: words.amountNote }),
      input('fee', words.fee, {
        ...rupiahIn(summedOrNone),
        ...{ value: '0', note: words.feeNote },
      }),
      input('day', words.day, { type: 'date', value: dayAt(dayBegan(0)), read: needed }),
      input('ref_id', words.ref, { maxlength: 64, note: words.refNote, read: needed }),
    ],
    says: ({ code: refusal, details, sentence }) =>
      refusal === 'PAYOUT_LIMIT' ? words.tooMuch(details.owed) : sentence,
  })
}
