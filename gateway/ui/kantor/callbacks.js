/** What acquirers said and could not be booked: looked into, and decided by a person. */

import { fill, h } from '../kit/dom.js'
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
      const merchants = (rows ?? []).filter(isMoney).map(one => one.merchant_id)
      await findPlaces(merchants.filter(id => id !== null))
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

/** Why money that came waits, and where a person can have it booked. */
const kinds = {
  unknown_reference: 'terminal',
  paid_again: 'beside',
  amount_mismatch: 'beside',
  merchant_mismatch: 'either',
}
const isMoney = one =>
  isWaiting(one) &&
  one.reason in kinds &&
  (kinds[one.reason] === 'terminal' || one.transaction_id !== null) &&
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
          one.beside_id !== null &&
            h('a', { href: `#/transaksi/${one.beside_id}` }, words.besideOf),
        ),
      isMoney(one) && assigning(one, { told, known, places, after }),
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

/** Booked where a person says: of a payment that it names, as one of its own beside that. */
function assigning(one, { told, known, places, after }) {
  const kind = kinds[one.reason]
  const where =
    kind === 'beside'
      ? []
      : one.merchant_id === null || kind === 'either'
        ? anyPlace(one, known)
        : [placeOf(told, places.get(one.merchant_id) ?? [])]
  const isPlaceless = kind === 'terminal' && one.merchant_id !== null && where[0].isEmpty
  return deed({
    ...{ name: kind === 'beside' ? words.beside : words.assign, group: 'payers' },
    ...{ sure: true, after, why: isPlaceless ? words.placeless : '' },
    path: `/admin/qris-callbacks/${one.id}/assign`,
    // The merchant only narrows the terminals.
    body: ({ merchant_id: _, ...values }) => values,
    fields: [
      ...where,
      input('reason', usual.reason, {
        ...{ maxlength: 300, read: reasoned, note: words.whys[kind] },
      }),
    ],
  })
}

/** Where it was paid; at the terminal that it names, if that is one of them. */
function placeOf(told, places) {
  const named = places.filter(({ terminal_id: id, tid }) =>
    [id, tid].includes(told.terminal_id?.trim?.()),
  )
  const options = optionsOf(named.length > 0 ? named : places)
  const made = choice('terminal_id', words.terminal, options, { read: needed })
  return { ...made, isEmpty: options.length === 1 }
}

/** Whose it is, nobody knows but the person: first the merchant, then his terminals. */
function anyPlace(one, known) {
  const pairs = known.merchants.map(({ merchant_id: id, name }) => [id, name])
  const whose = choice('merchant_id', words.merchant, [['', words.chooseMerchant], ...pairs], {
    ...{ value: one.merchant_id ?? '', read: needed },
  })
  const place = choice('terminal_id', words.terminal, optionsOf([]), { read: needed })
  whose.control.addEventListener('change', narrow)
  void narrow()
  return [whose, place]

  async function narrow() {
    const asked = whose.control.value
    fill(place.control, optionNodes([]))
    if (asked === '') return
    const query = asking({ merchant_id: asked, limit: 500 })
    const { ok, data } = await call('GET', `/admin/terminals${query}`)
    if (whose.control.value === asked) fill(place.control, optionNodes(ok ? data.rows : []))
  }
}

const optionsOf = places => [
  ['', words.choose],
  ...places.map(place => [place.terminal_id, words.place(place)]),
]
const optionNodes = places => optionsOf(places).map(([value, text]) => h('option', { value }, text))

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
