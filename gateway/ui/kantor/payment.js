/**
 * One payment, with the whole chain from the money to the ear, and what can be done about it.
 *
 * WPJ1. Each step of the chain says when, or that it has not been.
 */

import { fill, h } from '../kit/dom.js'
import { rupiah, secondOf, timeOf } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { watch } from '../kit/watch.js'
import { input } from './cells.js'
import { deed, reasoned, summed } from './deed.js'
import { call, names } from './desk.js'
import { heardWords, statusPill } from './payment-row.js'
import { usual, payments as words } from './text.id.js'

const booked = ['paid', 'paid_late', 'partly_refunded']

export function open({ node, rest, title, signal }) {
  title(words.title)
  const path = `/admin/transactions/${encodeURIComponent(rest)}`
  const banner = h('div', { class: 'banner', role: 'status' })
  const facts = h('div', null, skeleton(5))
  const chain = h('div')
  const deeds = h('div')
  const story = h('div')
  node.append(banner, h('div', { class: 'halves' }, facts, chain), deeds, story)
  let shown = ''
  let offered = ''
  void look()
  watch(look, { node, signal })

  async function look() {
    const [answer, known] = await Promise.all([call('GET', path), names()])
    if (answer.ok) await show(answer.data, known)
    else if (shown !== '') return false
    else if (answer.status === 404) fill(facts, h('p', { class: 'empty' }, usual.gone))
    else fill(facts, trouble(answer.sentence, look))
    return answer.ok
  }

  async function show(payment, known) {
    const now = JSON.stringify(payment)
    if (now === shown) return
    shown = now
    const heard = heardWords(payment)
    title(rupiah(payment.amount))
    banner.dataset.tone = tones[payment.status] ?? 'warn'
    fill(
      banner,
      statusPill(payment),
      heard !== null && h('p', null, heard.words),
      payment.late !== null && h('p', null, words.late[payment.late]),
    )
    fill(facts, factsOf(payment, known))
    fill(chain, h('h2', null, words.proof), chainOf(payment))
    const state = [payment.status, payment.refunded].join()
    if (state !== offered) {
      offered = state
      fill(deeds, deedsOf(payment))
    }
    const events = await call('GET', `${path}/events`)
    if (events.ok) fill(story, h('h2', null, words.story), storyOf(events.data.rows))
  }

  function deedsOf(payment) {
    const isBooked = booked.includes(payment.status)
    const left = payment.amount - payment.refunded
    const amount = input('amount', words.refundAmount(left), {
      inputmode: 'numeric',
      value: String(left),
      read: summed,
    })
    return [
      deed({
        ...{ name: words.renotify, group: 'helpers', path: `${path}/retry-notification` },
        why: isBooked ? '' : words.unpaid,
        async after(_, act) {
          act.say(words.renotified, 'good')
          await look()
        },
      }),
      deed({
        ...{ name: words.refund, group: 'payers', path: `${path}/refund`, sure: true },
        why: isBooked ? '' : words.refundNone,
        fields: [amount, input('reason', usual.reason, { maxlength: 300, read: reasoned })],
        after: look,
      }),
    ]
  }
}

const tones = { paid: 'good', failed: 'bad', expired: 'soft', refunded: 'soft' }

const factsOf = (payment, known) => [
  h(
    'dl',
    { class: 'card' },
    line(words.amount, rupiah(payment.amount)),
    payment.fee !== null && line(words.fee, rupiah(payment.fee)),
    payment.net !== null && line(words.net, rupiah(payment.net)),
    payment.refunded > 0 && line(words.refunded, rupiah(payment.refunded)),
    line(
      words.merchant,
      h('a', { href: `#/merchant/${payment.merchant_id}` }, known.merchant(payment.merchant_id)),
    ),
    line(words.terminal, known.terminal(payment.terminal_id)),
    payment.payer !== '' && line(words.payer, payment.payer),
    payment.paid_at !== null && line(words.paidAt, timeOf(payment.paid_at)),
    line(words.madeAt, timeOf(payment.created_at)),
    payment.status === 'pending' && line(words.expiresAt, timeOf(payment.expires_at)),
    line(words.reference, payment.reference),
    payment.acquirer_ref !== '' && line(words.acquirer, payment.acquirer_ref),
    line(words.id, payment.transaction_id),
  ),
  h(
    'p',
    { class: 'ways' },
    payment.device_id !== null &&
      h('a', { href: `#/perangkat/${payment.device_id}` }, words.device),
    payment.settlement_batch_id !== null &&
      h('a', { href: `#/pencairan/${payment.settlement_batch_id}` }, words.batch),
  ),
]

function chainOf(payment) {
  if (payment.paid_at === null) return h('p', { class: 'soft' }, words.unpaid)
  const last = payment.proofs.at(-1)
  const { chain } = words
  const { outcome } = payment.sound
  const end = outcome ?? 'played'
  const steps = [
    [chain.paid, payment.paid_at],
    last && [chain.queued, last.queued_at],
    last && [chain.published(last.published_times), last.published_at],
    last && [chain.received, last.received_at],
    [chain[end], endOf(payment, last)],
  ]
  return [
    h(
      'ol',
      { class: 'steps chain' },
      steps
        .filter(Boolean)
        .map(([what, at]) =>
          h(
            'li',
            { 'data-done': String(at !== null) },
            h('span', null, what),
            at === null
              ? h('span', { class: 'soft small' }, chain.waiting)
              : h('time', { datetime: at }, at === '' ? '✓' : secondOf(at)),
          ),
        ),
    ),
    payment.proofs.length === 0 && h('p', { class: 'soft' }, words.noProof),
  ]
}

/** Null: not yet; empty: it is over, and nobody said when. */
function endOf({ sound }, last) {
  if (sound.outcome === null) return null
  return sound.played_at ?? last?.ended_at ?? ''
}

const storyOf = rows =>
  h(
    'ol',
    { class: 'steps' },
    rows.map(({ type, at, data }) =>
      h(
        'li',
        null,
        h(
          'span',
          null,
          type === 'proved' ? words.chain[data.outcome] : (words.steps[type] ?? type),
          data.by && h('span', { class: 'soft small' }, ` ${usual.by(data.by)}`),
        ),
        h('time', { datetime: at }, secondOf(at)),
      ),
    ),
  )
