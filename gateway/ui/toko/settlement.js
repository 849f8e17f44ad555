/** One batch on its way to the bank: its days, its payments, and the same as a file. */

import { action } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { bookDay, rupiah, timeOf } from '../kit/format.js'
import { line } from '../kit/line.js'
import { pagedList, skeleton, trouble } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { call, download, session } from './desk.js'
import { batchTones } from './settlements.js'
import { settlements as words } from './text-shop.id.js'

const payers = ['owner', 'finance']

export function open({ node, rest, title }) {
  title(words.one)
  const path = `/merchant/settlement-batches/${encodeURIComponent(rest)}`
  const facts = h('div', null, skeleton(5))
  const list = pagedList({
    label: words.lines,
    row: lineRow,
    empty: () => h('p', null, words.noLines),
    async load(cursor) {
      const answer = await call('GET', `${path}${asking({ limit: 100, cursor })}`)
      if (cursor === undefined) show(answer)
      return { ...answer, rows: answer.data?.lines, next: answer.data?.next_cursor }
    },
  })
  const lines = h('section', null, h('h2', null, words.lines), list.node)
  lines.hidden = true
  node.append(facts, lines)
  void list.again()

  function show(answer) {
    lines.hidden = !answer.ok
    if (answer.status === 404) return fill(facts, h('p', { class: 'empty' }, words.gone))
    if (!answer.ok) return fill(facts, trouble(answer.sentence, list.again))
    const batch = answer.data
    title(rupiah(batch.total))
    const save = action(words.download, saveFile, { busy: words.downloading, kind: 'quiet' })
    if (!payers.includes(session.user.role)) save.bar(words.mayNot)
    fill(
      facts,
      h(
        'div',
        { class: 'banner', 'data-tone': batchTones[batch.status] },
        pill(batchTones[batch.status], words.status[batch.status]),
        batch.reason !== '' && h('p', null, batch.reason),
      ),
      h(
        'dl',
        { class: 'card' },
        batch.days.map(({ day, amount }) => line(bookDay(day), rupiah(amount))),
        batch.adjusted !== 0 && line(words.adjusted, rupiah(batch.adjusted)),
        line(words.dueDay, bookDay(batch.due_day)),
        batch.paid_at !== null && line(words.paidAt, timeOf(batch.paid_at)),
        line(words.account, session.user.shop.account_hint || '–'),
        batch.bank_reference !== '' && line(words.bank, batch.bank_reference),
        line(words.reference, batch.reference),
        h('div', { class: 'sum' }, h('dt', null, words.total), h('dd', null, rupiah(batch.total))),
      ),
      h('div', { class: 'ways' }, save.button, save.note),
    )

    async function saveFile() {
      const got = await download(`${path}/export.csv`, `pencairan-${batch.reference}.csv`)
      if (!got.ok) save.say(got.sentence)
    }
  }
}

const lineRow = ({ kind, transaction_id: id, gross, fee, net, at }) =>
  h(
    'a',
    { class: 'row', href: `#/transaksi/${id}` },
    h('b', null, kind === 'refund' ? words.refund : rupiah(gross)),
    h('span', { class: 'money' }, rupiah(net)),
    h('span', { class: 'soft' }, timeOf(at)),
    h('span', { class: 'soft' }, words.fee(fee)),
  )
