/** One order in a list: what, to whom, how much, and how it stands. */

import { h, icon } from '../kit/dom.js'
import { rupiah, timeOf } from '../kit/format.js'
import { nameOf } from './products.js'
import { text } from './text.id.js'

export const orderRow = order =>
  h(
    'a',
    { class: 'row', href: `#/pesanan/${order.trx_id}`, 'data-trx': order.trx_id },
    h('b', null, nameOf(order.product_code)),
    pill(order.status),
    h('span', { class: 'soft' }, `${order.destination} · ${timeOf(order.created_at)}`),
    h('span', { class: 'money' }, rupiah(order.price)),
  )

const shapes = { SUCCESS: 'done', FAILED: 'failed', REFUND: 'back' }

export const pill = status =>
  h(
    'span',
    { class: 'pill', 'data-status': status },
    icon(shapes[status] ?? 'waiting'),
    text.status[status],
  )
