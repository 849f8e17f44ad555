/**
 * One order, from the tap to its end: what it is, where the money is, and what to do when something
 * is wrong. It changes by itself as facts come in.
 *
 * WUG1. The money's whereabouts stand on the page at every moment.
 */

import { action, form } from '../kit/action.js'
import { copyable } from '../kit/copy.js'
import { fill, h } from '../kit/dom.js'
import { field, select } from '../kit/field.js'
import { rupiah, secondOf, timeOf } from '../kit/format.js'
import { skeleton, trouble } from '../kit/list.js'
import { call } from './api.js'
import { listen } from './live.js'
import { pill } from './order-row.js'
import { nameOf, products } from './products.js'
import { text } from './text.id.js'

const words = text.order

export function open({ node, rest, title, signal }) {
  title(words.title)
  const banner = h('div', { class: 'banner', role: 'status' })
  const facts = h('div', null, skeleton(5))
  const journey = h('div')
  const help = h('div')
  node.append(banner, facts, journey, help)
  let isAsked = false
  void look()
  listen((name, fact) => {
    if (name === 'ready' || fact.trx_id === rest) void look()
  }, signal)

  async function look() {
    const [answer] = await Promise.all([
      call('GET', `/api/v1/transactions/${encodeURIComponent(rest)}`),
      products(),
    ])
    if (answer.ok) return show(answer.data)
    if (banner.childElementCount > 0) return
    if (answer.status === 404) return fill(facts, h('p', { class: 'empty' }, words.gone))
    fill(facts, trouble(answer.sentence, look))
  }

  function show(order) {
    const isOpen = order.status === 'PENDING' || order.status === 'PROCESSING'
    title(nameOf(order.product_code))
    banner.dataset.status = order.status
    fill(
      banner,
      pill(order.status),
      h('p', null, words.story[order.status](order.price)),
      order.failure !== null && isOpen && h('p', null, words.slow),
      isOpen && order.failure === null && h('p', { class: 'soft' }, words.stay),
      order.disputed && h('p', null, words.disputed),
    )
    fill(
      facts,
      order.sn !== null && order.sn !== '' && copyable(words.sn, order.sn),
      h(
        'dl',
        { class: 'card' },
        line(words.to, order.destination),
        order.bill !== undefined && line(text.confirm.holder, order.bill.customer_name),
        line(words.price, rupiah(order.price)),
        line(words.at, timeOf(order.created_at)),
        line(words.id, order.trx_id),
      ),
      h('p', { class: 'ways' }, h('a', { href: againOf(order), class: 'button' }, words.again)),
    )
    fill(
      journey,
      h('h2', null, words.journey),
      h(
        'ol',
        { class: 'steps' },
        order.timeline.map(step =>
          h(
            'li',
            { 'data-what': step.what },
            h('span', null, words.steps[step.what] ?? text.status[order.status]),
            h('time', { datetime: step.at }, secondOf(step.at)),
          ),
        ),
      ),
    )
    if (isAsked) return
    isAsked = true
    fill(help, complaint(order))
  }
}

const line = (name, value) => h('div', null, h('dt', null, name), h('dd', null, value))

const againOf = ({ product_code, destination }) =>
  `#/beli?${new URLSearchParams({ nomor: destination, produk: product_code })}`

function complaint(order) {
  const reason = select(Object.entries(words.reasons))
  const why = field(words.reason, reason)
  const said = field(words.words, h('textarea', { rows: 3, maxlength: 2000 }))
  const act = action(words.complainGo, complain, { submit: true })
  const fold = h(
    'details',
    { class: 'card' },
    h('summary', null, words.complain),
    h('p', { class: 'soft' }, words.complainIntro),
    form([why.node, said.node], act),
  )
  return fold

  async function complain() {
    const story = said.control.value.trim()
    if (story === '') return said.complain(words.wordsEmpty)
    const wish = { trx_id: order.trx_id, reason: reason.value, text: story }
    const answer = await call('POST', '/api/v1/complaints', wish)
    if (!answer.ok) return act.say(answer.sentence)
    fill(
      fold.querySelector('form'),
      h('p', { class: 'notice', 'data-tone': 'good', role: 'status' }, words.complained),
    )
  }
}
