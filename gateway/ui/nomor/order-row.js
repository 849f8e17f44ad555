/** An order in a list: for what, which number, and how it stands in colour, drawing and word. */

import { h } from '../kit/dom.js'
import { rupiah, timeOf } from '../kit/format.js'
import { pill } from '../kit/payment.js'
import { avatar } from './avatar.js'
import { readable } from './number.js'
import { depositText, statusText, wayName } from './text.id.js'

export const toneOf = {
  processing: 'warn',
  waiting: 'warn',
  otp_received: 'good',
  finished: 'good',
  cancelling: 'warn',
  refunded: 'soft',
  expired: 'soft',
  checking: 'warn',
}

export const isOpen = ({ status }) =>
  ['processing', 'waiting', 'cancelling', 'checking'].includes(status)

export const orderRow = order =>
  h(
    'a',
    { class: 'pick', href: `#/pesanan/${order.order_id}` },
    avatar(order.service_name),
    h(
      'span',
      { class: 'what' },
      h('b', null, order.service_name),
      h('span', { class: 'soft' }, readable(order.number) || order.country_name),
    ),
    h(
      'span',
      { class: 'end' },
      pill(toneOf[order.status], statusText[order.status]),
      h('span', { class: 'soft' }, timeOf(order.created_at)),
    ),
  )

const depositTone = { pending: 'warn', processing: 'warn', success: 'good', checking: 'warn' }

export const depositRow = deposit =>
  h(
    'a',
    { class: 'pick', href: `#/bayar/${encodeURIComponent(deposit.deposit_id)}` },
    avatar('+'),
    h(
      'span',
      { class: 'what' },
      h('b', { class: 'money' }, rupiah(deposit.received)),
      h('span', { class: 'soft' }, wayName(deposit.metode)),
    ),
    h(
      'span',
      { class: 'end' },
      pill(depositTone[deposit.status] ?? 'soft', depositText[deposit.status]),
      h('span', { class: 'soft' }, timeOf(deposit.created_at)),
    ),
  )
