/** How the shop's boxes are, in words, with what to do about it. */

import { h } from '../kit/dom.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { ago } from '../kit/text.id.js'
import { watch } from '../kit/watch.js'
import { call, terminals } from './desk.js'
import { boxes as words } from './text-shop.id.js'

export function open({ node, title, signal }) {
  title(words.title)
  let places = new Map()
  const list = pagedList({
    label: words.label,
    row: box => boxCard(box, places),
    empty: () => h('p', null, words.empty),
    async load() {
      const [answer, known] = await Promise.all([call('GET', '/merchant/devices'), terminals()])
      places = new Map(known.data?.rows.map(one => [one.terminal_id, one.label]))
      return { ...answer, rows: answer.data?.rows, next: null }
    },
  })
  node.append(list.node)
  void list.again()
  watch(async () => (await list.renew()).ok, { node, signal, pauseMs: 5_000 })
}

function boxCard({ terminal_id: terminal, model, health, waiting, missed }, places) {
  const { online, reasons, last_seen_at: seen, battery, signal } = health
  const facts = [
    seen === null ? words.never : words.seen(ago(seen)),
    battery !== null && words.battery(battery),
    signal !== null && words.signal(signal),
  ].filter(one => one !== false)
  return h(
    'div',
    { class: 'row tall', 'data-box': terminal },
    h('b', null, places.get(terminal) ?? words.nowhere),
    pill(online ? 'good' : 'bad', online ? words.on : words.off),
    h('span', { class: 'soft wide' }, [model, ...facts].join(' · ')),
    h(
      'ul',
      { class: 'wide reasons' },
      reasons.length === 0 && h('li', null, words.fine),
      reasons
        .filter(isTold)
        .map(reason => h('li', null, words.reasons[reason] ?? words.reasons.UNACKNOWLEDGED)),
      waiting > 0 && h('li', null, words.waiting(waiting)),
      missed > 0 && h('li', null, words.missed(missed)),
    ),
  )
}

/** The others are told as numbers below them, or follow from them. */
const isTold = (reason, _, all) =>
  reason !== 'PAYMENTS_MISSED' &&
  reason !== 'UNACKNOWLEDGED' &&
  !(reason === 'OFFLINE' && all.includes('NEVER_SEEN'))
