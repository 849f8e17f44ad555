/**
 * One rented number: what it is, what happened, what came; what a message says only for a reason.
 *
 * WPO1. A message is opened by whoever may, for a reason, and is gone when the page is left.
 */

import { fill, h } from '../kit/dom.js'
import { rupiah, secondOf, timeOf } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { watch } from '../kit/watch.js'
import { choice, input } from './cells.js'
import { deed } from './deed.js'
import { call, may } from './desk.js'
import { orderTones } from './number-orders.js'
import { numberWays, reasonOf, root } from './number-ways.js'
import { usual } from './text.id.js'
import { statuses, ways, orders as words } from './text-number.id.js'

export function open({ node, rest, title, signal }) {
  title(words.title)
  const path = `${root}/orders/${encodeURIComponent(rest)}`
  const body = h('div', null, skeleton(6))
  node.append(numberWays('nomor-order'), body)
  let shown = ''
  void look()
  watch(look, { node, signal, pauseMs: 5_000 })

  async function look() {
    const [answer, refunds] = await Promise.all([
      call('GET', path),
      may('payers') ? call('GET', `${root}/number-refunds`) : null,
    ])
    if (answer.status === 404) fill(body, h('p', { class: 'empty' }, usual.gone))
    else if (!answer.ok && shown === '') fill(body, trouble(answer.sentence, look))
    if (!answer.ok) return answer.status === 404
    const waits = refunds?.data?.rows.find(one => one.order_id === rest)
    const told = { ...answer.data, waits }
    // What is the same stays as it is: somebody may be writing a reason.
    if (JSON.stringify(told) !== shown) show(told)
    shown = JSON.stringify(told)
    return true
  }

  function show({ order, messages, timeline, profit, waits }) {
    title(order.service_name)
    fill(
      body,
      h(
        'div',
        { class: 'banner', 'data-tone': orderTones[order.status] },
        pill(orderTones[order.status], statuses[order.status]),
        h('p', { class: 'account' }, order.number ?? words.noNumber),
      ),
      h(
        'div',
        { class: 'halves' },
        h('div', null, h('h2', null, words.facts), factsOf(order)),
        h(
          'div',
          null,
          h('h2', null, words.messages),
          messages.length === 0
            ? h('p', { class: 'soft' }, words.noMessages)
            : h('ul', { class: 'rows' }, messages.map(messageRow)),
          messages.length > 0 && revealing(path),
          h('h2', null, words.timeline),
          timeline.length === 0
            ? h('p', { class: 'soft' }, words.noTimeline)
            : h('ol', { class: 'steps card' }, timeline.map(stepRow(order.user_id))),
          profit !== null && profits(profit),
        ),
      ),
      waits !== undefined &&
        h(
          'p',
          { class: 'notice', 'data-tone': 'warn' },
          words.waits(waits.by, waits.amount, waits.reason),
        ),
      h('div', { class: 'deeds' }, deedsOf(order, { path, waits, after: look })),
    )
  }
}

const reason = () => input('reason', ways.reason, { maxlength: 300, read: reasonOf })

function revealing(path) {
  const made = deed({
    ...{ name: words.reveal, group: 'revealers', path: `${path}/reveal`, fields: [reason()] },
    once: ({ messages }) =>
      messages.map(({ at, text, code }) => [
        `${words.revealed(code)}, ${secondOf(at)}`,
        text === null && code === null ? words.gone : [code, text].filter(Boolean).join(' · '),
      ]),
  })
  return [h('p', { class: 'soft small' }, words.revealNote), made]
}

/** What its state allows; the order itself decides. */
function deedsOf({ status, phase, why }, { path, waits, after }) {
  const isStuck = phase === 'parked'
  // His money is back, and nobody knows whether it cost us any.
  const isDoubted = phase === 'refunded' && why === 'DOUBT'
  const isPaid = phase === 'received'
  return [
    (status === 'waiting' || isStuck) &&
      deed({
        ...{ name: words.cancel, group: 'revealers', path: `${path}/cancel`, after },
        fields: [reason()],
      }),
    waits !== undefined && agreeing(waits, { path, after }),
    (isPaid || isStuck) &&
      waits === undefined &&
      deed({
        ...{ name: words.refund, group: 'payers', path: `${path}/refund`, after },
        fields: [
          choice('supplier', words.supplierTook, Object.entries(words.supplierTakes)),
          reason(),
        ],
      }),
    isDoubted &&
      deed({
        ...{ name: words.settle, group: 'payers', path: `${path}/refund`, after },
        fields: [
          choice('supplier', words.supplierTook, Object.entries(words.supplierTakes).slice(1)),
          reason(),
        ],
      }),
    isStuck &&
      deed({
        ...{ name: words.charge, group: 'payers', path: `${path}/charge`, after },
        fields: [reason()],
      }),
  ]
}

/** What one person wants is done when another wants it as well. */
const agreeing = (waits, { path, after }) => [
  deed({
    ...{ name: words.agree, path: `${path}/refund`, after, sure: true },
    ...{ group: 'payers', body: () => ({ reason: waits.reason }) },
  }),
  deed({
    ...{ name: words.reject, group: 'payers', path: `${root}/number-refunds/${waits.id}/reject` },
    ...{ fields: [reason()], after },
  }),
]

const messageRow = ({ at, is_code: isCode, late }) =>
  h(
    'li',
    null,
    h(
      'div',
      { class: 'row' },
      h('b', null, isCode ? words.isCode : words.isText),
      h('time', null, secondOf(at)),
      late && h('span', { class: 'soft' }, words.isLate),
    ),
  )

const stepRow =
  user =>
  ({ at, what, by }) => {
    const who = by === user ? words.theUser : by
    const isSomebody = by !== '' && by !== 'machine'
    return h(
      'li',
      null,
      h(
        'span',
        null,
        words.steps[what.replace(':', '_')] ?? what,
        isSomebody && h('span', { class: 'soft' }, ` ${words.by(who)}`),
      ),
      h('time', null, secondOf(at)),
    )
  }

const profits = rows => [
  h('h2', null, words.profit),
  rows.length === 0
    ? h('p', { class: 'soft' }, words.noProfit)
    : h(
        'dl',
        { class: 'card' },
        rows.map(({ what, selling, base, profit }) =>
          line(
            words.profits[what] ?? what,
            `${words.profitRow(selling, base)} = ${rupiah(profit)}`,
          ),
        ),
      ),
]

function factsOf(order) {
  const { fields } = words
  const facts = {
    service: order.service_name,
    country: order.country_name,
    operator: order.operator === 'any' ? words.anyOperator : order.operator,
    price: rupiah(order.price),
    cost: order.cost === null ? null : rupiah(order.cost),
    money: words.effects[order.money_effect],
    supplier: order.supplier,
    theirs: order.their_id,
    user: h('a', { href: `#/nomor-pengguna/${order.user_id}` }, order.username ?? order.user_id),
    placed: timeOf(order.placed_at),
    waits: order.is_open ? timeOf(order.wait_ends_at) : null,
    resends: order.resends === 0 ? null : order.resends,
    why: order.why,
    ref: order.ref,
  }
  return h(
    'dl',
    { class: 'card' },
    Object.entries(facts)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => line(fields[name], value)),
  )
}
