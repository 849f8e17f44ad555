/**
 * Deposits through gateways: what came, what stands in suspense, what waits for a second person,
 * and what gateways owe us.
 *
 * WPR1. Money in suspense is decided about with a reason, and what it does is asked twice.
 */

import { h } from '../kit/dom.js'
import { rupiah, timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { cells, choice, filters, input, money, soft, strong } from './cells.js'
import { deed } from './deed.js'
import { call } from './desk.js'
import { gatewaysPart } from './number-gateways.js'
import { numberWays, reasonOf, root } from './number-ways.js'
import { usual } from './text.id.js'
import { ways, deposits as words } from './text-number.id.js'

const path = `${root}/deposit-intents`
const tones = {
  ...{ pending: 'warn', processing: 'warn', success: 'good', expired: 'soft', cancel: 'soft' },
  checking: 'bad',
}

export function open({ node, query, title }) {
  title(words.title)
  const bar = filters(
    query,
    [['status', words.status, [['', usual.all], ...Object.entries(words.statuses)]]],
    again,
  )
  const list = paged(words.all, intentRow, words.empty, cursor => ({
    ...{ limit: 25, cursor, status: bar.value('status') },
  }))
  const suspense = paged(words.suspense, suspenseRow, words.noSuspense, 'suspense')
  const waiting = paged(words.waiting, verdictRow, words.noWaiting, 'verdicts')
  const gateways = gatewaysPart()
  const everything = () =>
    Promise.all([suspense.renew(), waiting.renew(), gateways.look(), list.renew()])
  node.append(
    numberWays('nomor-deposit'),
    h('section', null, h('h2', null, words.suspense), suspense.node),
    h('section', null, h('h2', null, words.waiting), waiting.node),
    h('section', null, h('h2', null, words.gateways), gateways.node),
    h('section', null, h('h2', null, words.all), bar.node, list.node),
  )
  void Promise.all([suspense.again(), waiting.again(), gateways.look(), list.again()])

  function again() {
    remember('nomor-deposit', bar.values())
    void list.again()
  }

  function paged(label, row, empty, of) {
    const isPart = typeof of === 'string'
    return pagedList({
      ...{ label, row, shape: isPart ? '' : 'c5', empty: () => h('p', null, empty) },
      async load(cursor) {
        const asked = isPart ? { limit: 25, cursor } : of(cursor)
        const place = isPart ? `${path}/${of}` : path
        const answer = await call('GET', `${place}${asking(asked)}`)
        const { rows, next_cursor, next } = answer.data ?? {}
        return { ...answer, rows, next: next_cursor ?? next }
      },
    })
  }

  function suspenseRow(one) {
    const row = cells(
      null,
      strong(words.why[one.why] ?? one.why),
      money(rupiah(one.amount)),
      soft(`${one.gateway} · ${timeOf(one.at)}`),
      h('span', { class: 'ways' }, h('a', { href: `#/nomor-pengguna/${one.user_id}` }, words.user)),
      deed({
        ...{ name: words.decide, group: 'payers', path: `${path}/${one.intent_id}/resolve` },
        fields: [choice('verdict', words.verdict, Object.entries(words.verdicts)), reason()],
        body: values => ({ ...values, n: one.n }),
        ...{ sure: true, after: everything },
      }),
    )
    row.classList.add('tall')
    row.lastElementChild.classList.add('wide')
    return row
  }

  function verdictRow(one) {
    const decide = (verb, sure) =>
      deed({
        ...{ name: words[verb], group: 'payers', path: `${path}/verdicts/${one.id}/${verb}` },
        ...{ sure, after: everything },
      })
    const row = cells(
      null,
      strong(words.verdicts[one.verdict] ?? words.paid),
      money(rupiah(one.amount)),
      soft(one.reason),
      soft(timeOf(one.asked_at)),
      h('div', { class: 'wide deeds' }, decide('approve', true), decide('reject', false)),
    )
    row.classList.add('tall')
    return row
  }
}

const reason = () => input('reason', ways.reason, { maxlength: 200, read: reasonOf })

const intentRow = one =>
  cells(
    `#/nomor-pengguna/${one.user_id}`,
    strong(one.deposit_id),
    pill(tones[one.status] ?? 'warn', words.statuses[one.status] ?? one.status),
    soft(`${one.metode} · ${timeOf(one.created_at)}`),
    money(rupiah(one.status === 'success' ? one.received : one.amount)),
  )
