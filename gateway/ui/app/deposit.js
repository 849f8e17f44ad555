/**
 * Paying money in: by a gateway, or with a ticket whose amount is nobody else's and a page that
 * says when it came.
 *
 * WUH1. What must be paid stands there to the rupiah, and is copied without a sign that a bank does
 *       not take. Once nothing is to be paid any more, nothing says where to.
 */

import { action, form } from '../kit/action.js'
import { amountField } from '../kit/amount.js'
import { copyButton } from '../kit/copy.js'
import { fill, h } from '../kit/dom.js'
import { rupiah, timeOf } from '../kit/format.js'
import { line } from '../kit/line.js'
import { pagedList, skeleton, trouble } from '../kit/list.js'
import { go } from '../kit/router.js'
import { call } from './api.js'
import { listen } from './live.js'
import { aboutTime, text } from './text.id.js'
import { ways as wayWords } from './text-ways.id.js'
import { paidList, waysIn } from './ways.js'

const words = text.deposit
const usual = [50_000, 100_000, 200_000, 500_000, 1_000_000]
const tickMs = 30_000

export function open(page) {
  if (page.rest !== '') return ticketPage(page)
  const { node, title, signal } = page
  title(words.title)
  const amount = amountField({
    ...{ label: words.amount, empty: words.amountEmpty, chipsLabel: words.usual, usual },
  })
  const ways = waysIn({
    amount,
    onChange: way => act.rename(way === null ? words.go : wayWords.go),
  })
  const act = action(words.go, make, { busy: words.going, submit: true })
  const paid = paidList()
  const list = pagedList({
    label: words.list,
    row: ticketRow,
    empty: () => h('p', null, words.empty),
    async load(cursor) {
      const from = cursor === undefined ? '' : `&cursor=${cursor}`
      const answer = await call('GET', `/api/v1/deposits?limit=10${from}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  paid.node.hidden = true
  const fields = form([amount.node, amount.chips, ways.node], act)
  node.append(fields, paid.node, h('h2', null, words.list), list.node)
  void list.again()
  void ways.look().then(isOffered => {
    paid.node.hidden = !isOffered
    if (isOffered) void paid.again()
  })
  listen(name => {
    if (name.startsWith('order')) return
    void list.renew()
    if (!paid.node.hidden) void paid.renew()
  }, signal)

  async function make() {
    const value = amount.take()
    if (value === null) return
    act.say('')
    const way = ways.chosen()
    if (way !== null) return act.say(await ways.make(way, value))
    const answer = await call('POST', '/api/v1/deposits', { amount: value })
    if (answer.ok) return go(`#/deposit/${answer.data.id}`)
    act.say(answer.sentence)
    void list.renew()
  }
}

const ticketRow = ticket =>
  h(
    'a',
    { class: 'row', href: `#/deposit/${ticket.id}` },
    h('b', { class: 'money' }, rupiah(ticket.pay_exactly)),
    h('span', { class: 'pill', 'data-status': ticket.status }, words.status[ticket.status]),
    h('span', { class: 'soft' }, `${ticket.bank.name} · ${timeOf(ticket.created_at)}`),
  )

function ticketPage({ node, rest, title, signal }) {
  title(words.ticket)
  const body = h('div', null, skeleton(5))
  node.append(body)
  let known = null
  void look()
  listen(name => name.startsWith('order') || void look(), signal)
  const clock = setInterval(countDown, tickMs)
  signal.addEventListener('abort', () => clearInterval(clock))
  const left = h('p', { class: 'soft' })

  function countDown() {
    if (known === null) return
    const ms = Date.parse(known.expires_at) - Date.now()
    left.textContent = known.status === 'open' && ms > 0 ? words.left(aboutTime(ms)) : ''
    if (known.status === 'open' && ms <= 0) void look()
  }

  async function look() {
    const answer = await call('GET', `/api/v1/deposits/${encodeURIComponent(rest)}`)
    if (answer.ok) return show(answer.data)
    if (known === null) fill(body, trouble(answer.sentence, look))
  }

  function show(ticket) {
    known = ticket
    const isOpen = ticket.status === 'open'
    const { name, account_number, account_holder } = ticket.bank
    const act = action(words.cancel, cancel, { kind: 'quiet' })
    fill(
      body,
      h(
        'div',
        { class: 'banner', role: 'status', 'data-status': ticket.status },
        h('span', { class: 'pill', 'data-status': ticket.status }, words.status[ticket.status]),
        h('p', null, words.story[ticket.status]),
        isOpen && left,
      ),
      isOpen
        ? h(
            'div',
            { class: 'card pay' },
            h('p', { class: 'soft' }, words.exactly),
            h('output', { class: 'big' }, rupiah(ticket.pay_exactly)),
            h('p', { class: 'soft' }, words.why),
            copyButton(String(ticket.pay_exactly), words.copyAmount),
            h('p', { class: 'soft' }, words.to(name)),
            h('output', { class: 'account' }, account_number),
            h('p', null, words.holder(account_holder)),
            copyButton(account_number, words.copyAccount),
          )
        : h(
            'dl',
            { class: 'card' },
            line(words.was, rupiah(ticket.pay_exactly)),
            line(words.made, timeOf(ticket.created_at)),
            line(words.bank, name),
          ),
      act.note,
      isOpen
        ? act.button
        : h('p', { class: 'ways' }, h('a', { href: '#/deposit', class: 'button' }, words.fresh)),
    )
    countDown()

    async function cancel() {
      const answer = await call('DELETE', `/api/v1/deposits/${ticket.id}`)
      if (!answer.ok) return act.say(answer.sentence)
      show(answer.data)
    }
  }
}
