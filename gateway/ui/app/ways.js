/**
 * By which way money comes in: a bank ticket, or what gateways offer at this moment.
 *
 * WUP1. Each way says what it costs and takes before anything is made; where there is none but the
 *       bank, or nobody knows, the bank is there.
 */

import { h } from '../kit/dom.js'
import { field, select } from '../kit/field.js'
import { rupiah, timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { go } from '../kit/router.js'
import { costOf } from '../kit/way-cost.js'
import { call, decide } from './api.js'
import { pay, wayName, ways as words } from './text-ways.id.js'

const bank = ''
const toneOf = { success: 'good', expired: 'soft', cancel: 'soft', failed: 'bad' }

export const payPill = status =>
  h('span', { class: 'pill', 'data-tone': toneOf[status] ?? '' }, pay.status[status])

/** `chosen()` is null for the bank; `onChange` hears of another choice. */
export function waysIn({ amount, onChange }) {
  let methods = []
  const control = select([[bank, words.bank]])
  const picker = field(words.label, control)
  picker.node.hidden = true
  const chosen = () => methods.find(one => one.metode === control.value) ?? null

  function told() {
    const way = chosen()
    if (way === null) return picker.say('')
    const sum = amount.read()
    const cost = sum === null ? null : costOf(way, sum)
    const price = cost !== null && cost < sum ? words.costs(cost, sum - cost) : feeOf(way)
    const about = words.about[way.metode] ?? words.about[way.type] ?? ''
    picker.say([price, words.limits(way.min, way.max), about].filter(Boolean).join(' '))
  }

  control.addEventListener('change', () => {
    told()
    onChange(chosen())
  })
  amount.control.addEventListener('input', told)

  return {
    node: picker.node,
    chosen,
    /** False where there is nothing but the bank. */
    async look() {
      const answer = await call('GET', '/api/v1/deposit/metode')
      methods = answer.ok ? answer.data.methods : []
      for (const { metode, type, name } of methods) {
        const called = type === 'qris' ? wayName(metode) : name
        control.append(h('option', { value: metode }, called))
      }
      picker.node.hidden = methods.length === 0
      return methods.length > 0
    },
    /** A sentence when it can't be made. */
    async make(way, sum) {
      if (sum < way.min) return words.small(way.min)
      if (sum > way.max) return words.large(way.max)
      const { metode } = way
      const answer = await decide(`fill ${metode} ${sum}`, '/api/v1/deposit/create', ref => ({
        ...{ ref, amount: sum, metode },
      }))
      if (!answer.ok) return answer.sentence
      go(`#/bayar/${encodeURIComponent(answer.data.deposit_id)}`)
      return ''
    },
  }
}

/** What was paid, or is to be, this way; its heading comes with it. */
export function paidList() {
  const list = pagedList({
    label: words.list,
    row: payRow,
    empty: () => h('p', null, words.empty),
    async load(cursor) {
      const from = cursor === undefined ? '' : `&cursor=${cursor}`
      const answer = await call('GET', `/api/v1/deposit/history?limit=10${from}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  return { ...list, node: h('section', null, h('h2', null, words.list), list.node) }
}

const payRow = deposit =>
  h(
    'a',
    { class: 'row', href: `#/bayar/${encodeURIComponent(deposit.deposit_id)}` },
    h('b', null, rupiah(deposit.amount ?? deposit.requested)),
    payPill(deposit.status),
    h('span', { class: 'soft' }, `${wayName(deposit.metode)} · ${timeOf(deposit.created_at)}`),
  )

const feeOf = ({ fee, fee_percent: rate }) =>
  fee === null || rate === null ? words.feeLater : words.fee(fee, rate)
