/**
 * The first look of the day: what came in, what waits for somebody, and the payments as they come.
 *
 * WPI1. Numbers and payments move by themselves.
 */

import { h } from '../kit/dom.js'
import { count, dayBegan, rupiah } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { watch } from '../kit/watch.js'
import { call, names } from './desk.js'
import { paymentRow } from './payment-row.js'
import { dashboard as words } from './text.id.js'

const isIncome = ({ status }) => ['PAID', 'PAID_LATE', 'PARTLY_REFUNDED'].includes(status)

export function open({ node, title, signal }) {
  title(words.title)
  const sum = h('output', { class: 'big' }, '–')
  const tally = h('p', { class: 'small' })
  const link = h('p', { class: 'small live', role: 'status' }, words.live)
  const tiles = ['merchant', 'perangkat', 'heard', 'callback', 'pencairan'].map(tile)
  let known = null
  const list = pagedList({
    label: words.latest,
    shape: 'c5',
    row: paymentRow(() => known),
    keyOf: payment => payment.transaction_id + payment.status,
    empty: () => h('p', null, words.empty),
    async load() {
      const asked = asking({ limit: 10, from: dayBegan(0) })
      const [answer, found] = await Promise.all([
        call('GET', `/admin/transactions${asked}`),
        names(),
      ])
      known = found
      return { ...answer, rows: answer.data?.rows, next: null }
    },
  })
  node.append(
    h(
      'section',
      { class: 'purse', 'aria-label': words.income },
      h('p', null, words.income),
      sum,
      tally,
      link,
    ),
    h(
      'ul',
      { class: 'board' },
      tiles.map(one => h('li', null, one.node)),
    ),
    h(
      'section',
      null,
      h(
        'div',
        { class: 'head' },
        h('h2', null, words.latest),
        h('a', { href: '#/transaksi' }, words.all),
      ),
      list.node,
    ),
  )
  void look()
  void list.again()
  watch(async () => (await list.renew()).ok, { node, signal, pauseMs: 4_000 })
  watch(look, { node, signal, pauseMs: 5_000 })

  async function look() {
    const answer = await call('GET', '/admin/dashboard/summary')
    link.textContent = answer.ok ? words.live : words.lost
    link.classList.toggle('lost', !answer.ok)
    if (answer.ok) show(answer.data)
    return answer.ok
  }

  function show({ today, house }) {
    const rows = today.rows.filter(isIncome)
    const total = key => rows.reduce((all, row) => all + row[key], 0)
    sum.textContent = rupiah(total('amount'))
    tally.textContent = words.tally(total('count'), total('fee'))
    const { merchants, devices, sound, parked_callbacks: parked, batches } = house
    const waiting = batches.find(one => one.status === 'created')
    const failed = batches.find(one => one.status === 'failed')
    const [shops, boxes, heard, callbacks, money] = tiles
    shops.say(words.merchants, merchants.approved ?? 0, words.pending(merchants.pending ?? 0))
    boxes.say(words.boxes, devices.online, words.ofBoxes(devices.bound))
    const unheard = words.unheard(sound.digest ?? 0, sound.silent ?? 0)
    heard.say(words.heard, sound.played ?? 0, unheard)
    callbacks.say(words.parked, parked, parked > 0 ? words.parkedSome : words.parkedNone)
    money.say(
      words.batches,
      waiting?.count ?? 0,
      failed ? words.batchesFailed(failed.count) : words.batchesSum(waiting?.amount ?? 0),
    )
  }
}

const places = { heard: 'transaksi?suara=silent' }

function tile(word) {
  const parts = [
    h('p', { class: 'soft' }),
    h('b', { class: 'number' }, '–'),
    h('p', { class: 'soft' }),
  ]
  const [label, number, note] = parts
  return {
    node: h('a', { class: 'tile', href: `#/${places[word] ?? word}` }, parts),
    say(name, n, more) {
      label.textContent = name
      number.textContent = count(n)
      note.textContent = more
    },
  }
}
