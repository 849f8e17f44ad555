/** What acquirers said and could not be booked: looked into, and decided by a person. */

import { h } from '../kit/dom.js'
import { rupiah, timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { choice, filters, input, soft, strong } from './cells.js'
import { deed, needed, reasoned } from './deed.js'
import { call, names } from './desk.js'
import { usual } from './text.id.js'
import { callbacks as words } from './text-money.id.js'

const tones = { applied: 'good', duplicate: 'soft', parked: 'bad', null: 'warn' }

export function open({ node, query, title }) {
  title(words.title)
  const bar = filters(query, [['mana', words.which, Object.entries(words.whiches), 'true']], again)
  let known = null
  /** Terminals at which money that waits may have come in, by merchant. */
  const places = new Map()
  const list = pagedList({
    label: words.title,
    row: one => callbackRow(one, { known, places, after: () => list.renew() }),
    empty: () => h('p', null, words.empty),
    async load(cursor) {
      const parked = bar.value('mana') === 'true' ? 'true' : ''
      const [answer, found] = await Promise.all([
        call('GET', `/admin/qris-callbacks${asking({ limit: 25, cursor, parked })}`),
        names(),
      ])
      known = found
      const rows = answer.data?.rows
      await findPlaces((rows ?? []).filter(isMoney).map(one => one.merchant_id))
      // A cursor is given with every page; a short one is the last.
      return { ...answer, rows, next: rows?.length === 25 ? answer.data.next_cursor : null }
    },
  })
  node.append(h('p', { class: 'soft' }, words.intro), bar.node, list.node, secretDeed())
  void list.again()

  async function findPlaces(merchantIds) {
    const missing = [...new Set(merchantIds)].filter(id => !places.has(id))
    const answers = await Promise.all(
      missing.map(id => call('GET', `/admin/terminals${asking({ merchant_id: id, limit: 500 })}`)),
    )
    for (const [n, { ok, data }] of answers.entries()) if (ok) places.set(missing[n], data.rows)
  }

  function again() {
    remember('callback', bar.values())
    void list.again()
  }
}

const isWaiting = one => one.result === 'parked' && one.reviewed_by === null

/** Money of a merchant whom we know, which names no payment. */
const isMoney = one =>
  isWaiting(one) &&
  one.reason === 'unknown_reference' &&
  one.merchant_id !== null &&
  readBody(one.body).status === 'paid'

function callbackRow(one, { known, places, after }) {
  const told = readBody(one.body)
  return h(
    'div',
    { class: 'row tall', 'data-callback': one.id },
    strong(typeof told.amount === 'number' ? rupiah(told.amount) : (one.event_id ?? `${one.id}`)),
    pill(tones[one.result], words.results[one.result]),
    soft(one.merchant_id === null ? (told.reference ?? '') : known.merchant(one.merchant_id)),
    soft(timeOf(one.received_at)),
    one.terminal_id !== null &&
      h('span', { class: 'soft wide' }, words.assigned(known.terminal(one.terminal_id))),
    one.reason !== '' && h('span', { class: 'wide' }, words.reasons[one.reason] ?? one.reason),
    one.reviewed_by !== null &&
      h('span', { class: 'soft wide' }, words.reviewed(one.reviewed_by, one.review_note)),
    h('details', { class: 'wide' }, h('summary', null, words.body), h('code', null, one.body)),
    h(
      'div',
      { class: 'deeds wide' },
      one.transaction_id !== null &&
        h(
          'p',
          { class: 'ways' },
          h('a', { href: `#/transaksi/${one.transaction_id}` }, words.transaction),
        ),
      isMoney(one) && assigning(one, { told, places: places.get(one.merchant_id) ?? [], after }),
      isWaiting(one) &&
        deed({
          ...{ name: words.go, group: 'payers', after },
          path: `/admin/qris-callbacks/${one.id}/review`,
          fields: [
            choice('verb', words.verb, Object.entries(words.verbs)),
            input('note', words.note, { maxlength: 300, read: reasoned }),
          ],
        }),
    ),
  )
}

/** Where it was paid; at the terminal that it names, if that is one of them. */
function assigning(one, { told, places, after }) {
  const named = places.filter(({ terminal_id: id, tid }) =>
    [id, tid].includes(told.terminal_id?.trim?.()),
  )
  const options = (named.length > 0 ? named : places).map(place => [
    place.terminal_id,
    words.place(place),
  ])
  return deed({
    ...{ name: words.assign, group: 'payers', sure: true, after },
    why: options.length === 0 ? words.placeless : '',
    path: `/admin/qris-callbacks/${one.id}/assign`,
    fields: [
      choice('terminal_id', words.terminal, [['', words.choose], ...options], { read: needed }),
      input('reason', usual.reason, { maxlength: 300, read: reasoned }),
    ],
  })
}

/** What the acquirer signs with. */
const secretDeed = () =>
  deed({
    ...{ name: words.rotate, group: 'admins', sure: true },
    path: '/admin/qris-callbacks/secret/rotate',
    once: made => [[words.secret, made.secret]],
  })

/** As it came, and it may be anything. */
function readBody(text) {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}
