/** Those below: who they are, money for them, and what their orders earned. */

import { action, form } from '../kit/action.js'
import { amountField } from '../kit/amount.js'
import { h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { dayOf, rupiah, timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { call, decide } from './api.js'
import { nameOf, products } from './products.js'
import { text } from './text.id.js'

const words = text.downlines

export function open({ node, title }) {
  title(words.title)
  const to = field(
    words.to,
    h('input', { autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', maxlength: 64 }),
  )
  const amount = amountField({ label: words.amount, empty: text.deposit.amountEmpty })
  const pin = field(
    words.pin,
    h('input', { type: 'password', inputmode: 'numeric', autocomplete: 'off', maxlength: 64 }),
  )
  const act = action(words.go, send, { busy: words.going, submit: true })
  const people = pagedList({
    label: words.list,
    row: personRow,
    empty: () => h('p', null, words.empty),
    load: cursor => pageOf(`/api/v1/downlines${asking({ limit: 20, cursor })}`),
  })
  const earned = pagedList({
    label: words.earned,
    row: earnedRow,
    empty: () => h('p', null, words.earnedEmpty),
    async load(cursor) {
      const path = `/api/v1/commission${asking({ limit: 20, cursor })}`
      const [page] = await Promise.all([pageOf(path), products()])
      return page
    },
  })
  node.append(
    h('section', null, h('h2', null, words.list), people.node),
    h('section', null, h('h2', null, words.send), form([to.node, amount.node, pin.node], act)),
    h('section', null, h('h2', null, words.earned), earned.node),
  )
  void people.again()
  void earned.again()

  function personRow(person) {
    const pick = () => {
      to.control.value = person.username
      to.complain('')
      amount.control.focus()
    }
    return h(
      'button',
      { type: 'button', class: 'row', onclick: pick },
      h('b', null, person.name || person.username),
      h('span', { class: 'act' }, words.pick),
      h('span', { class: 'soft' }, `${person.username} · ${words.level(person.level)}`),
      person.created_at !== undefined &&
        h('span', { class: 'soft' }, words.since(dayOf(person.created_at))),
    )
  }

  async function send() {
    const name = to.control.value.trim()
    act.say('')
    if (name === '') return to.complain(words.toEmpty)
    const value = amount.take()
    if (value === null) return
    if (pin.control.value === '') return pin.complain(words.pinEmpty)
    const wish = { to: name, amount: value }
    const answer = await decide(`transfer ${name} ${value}`, '/api/v1/transfers', wish, {
      pin: pin.control.value,
    })
    pin.control.value = ''
    if (!answer.ok) return act.say(answer.sentence, answer.isLost ? 'warn' : 'bad')
    act.say(words.sent(answer.data.to, answer.data.amount, answer.data.available), 'good')
    amount.clear()
  }
}

async function pageOf(path) {
  const answer = await call('GET', path)
  return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
}

const earnedRow = row =>
  h(
    'div',
    { class: 'row' },
    h('b', null, words.earnedFrom(row.from, nameOf(row.product_code))),
    h('span', { class: 'money' }, rupiah(row.amount)),
    h('span', { class: 'soft' }, timeOf(row.created_at)),
    h('span', { class: 'soft' }, words.earnedStatus[row.status]),
  )
