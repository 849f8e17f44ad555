/**
 * One batch: its days and lines, what was added to it by hand, and what the bank made of it.
 *
 * WPL1. What is over can't be changed, and says so.
 */

import { fill, h } from '../kit/dom.js'
import { bookDay, rupiah, timeOf } from '../kit/format.js'
import { line } from '../kit/line.js'
import { pagedList, skeleton, trouble } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { go } from '../kit/router.js'
import { cells, check, choice, input, money, soft, strong } from './cells.js'
import { deed, needed, reasoned, summed } from './deed.js'
import { call, names } from './desk.js'
import { heldDoor, statementWords } from './held-batches.js'
import { batchTones, saver } from './settlements.js'
import { usual } from './text.id.js'
import { held as heldWords, settlements as words } from './text-money.id.js'

export function open({ node, rest, title }) {
  title(words.title)
  const path = `/admin/settlement-batches/${encodeURIComponent(rest)}`
  const facts = h('div', null, skeleton(6))
  const list = pagedList({
    label: words.lines,
    row: lineRow,
    empty: () => h('p', null, words.noLines),
    async load(cursor) {
      const isFirst = cursor === undefined
      const [answer, known, held] = await Promise.all([
        call('GET', `${path}${asking({ limit: 100, cursor })}`),
        names(),
        isFirst ? call('GET', `${heldDoor}${asking({ settlement_batch_id: rest })}`) : null,
      ])
      // It may be too new to be compared, or the question may have failed.
      if (isFirst) show(answer, known, held.ok ? (held.data.rows[0] ?? { statement: null }) : null)
      return { ...answer, rows: answer.data?.lines, next: answer.data?.next_cursor }
    },
  })
  const lines = h('section', null, h('h2', null, words.lines), list.node)
  lines.hidden = true
  node.append(facts, lines)
  void list.again()

  function show(answer, known, held) {
    lines.hidden = !answer.ok
    if (answer.status === 404) return fill(facts, h('p', { class: 'empty' }, usual.gone))
    if (!answer.ok) return fill(facts, trouble(answer.sentence, list.again))
    const batch = answer.data
    title(rupiah(batch.total))
    fill(
      facts,
      h(
        'div',
        { class: 'banner', 'data-tone': batchTones[batch.status] },
        pill(batchTones[batch.status], words.statuses[batch.status]),
        batch.reason !== '' && h('p', null, batch.reason),
        h(
          'p',
          { class: 'ways' },
          batch.replaces !== null &&
            h('a', { href: `#/pencairan/${batch.replaces}` }, words.replaces),
          batch.next !== null && h('a', { href: `#/pencairan/${batch.next}` }, words.next),
        ),
      ),
      h('div', { class: 'halves' }, factsOf(batch, known, held), deedsOf(batch)),
      batch.adjustments.length > 0 && [
        h('h2', null, words.adjustments),
        h(
          'ul',
          { class: 'rows' },
          batch.adjustments.map(one => h('li', null, adjustmentRow(one))),
        ),
      ],
    )
  }

  function deedsOf({ status, bank_reference: bank, bank_file: file }) {
    const after = list.again
    const isIn = file !== null
    const isOpen = status === 'created'
    const isBack = status === 'failed' || status === 'cancelled'
    const why = isOpen ? '' : words.over
    const post = (name, verb, more) =>
      deed({ ...{ name, group: 'payers', path: `${path}/${verb}`, after, sure: true }, ...more })
    const reason = () => input('reason', usual.reason, { maxlength: 300, read: reasoned })
    const amount = input('amount', words.amount, {
      inputmode: 'numeric',
      read: summed,
    })
    return h(
      'div',
      { class: 'deeds' },
      post(words.pay, 'mark-paid', {
        why,
        fields: [input('bank_reference', words.bankOptional, { maxlength: 100, value: bank })],
      }),
      isOpen && post(words.fail, 'mark-failed', { fields: [reason()] }),
      isOpen &&
        post(words.cancel, 'cancel', {
          fields: [reason(), ...(isIn ? [check('file_recalled', words.recalled)] : [])],
        }),
      isOpen &&
        post(words.adjust, 'adjustments', {
          why: isIn ? words.given : '',
          fields: [choice('kind', words.kind, Object.entries(words.kinds)), amount, reason()],
        }),
      isBack &&
        post(words.reprocess, 'reprocess', {
          after: made => go(`#/pencairan/${made.settlement_batch_id}`),
        }),
      post(words.setReference, 'reference', {
        ...{ sure: false, why },
        fields: [
          input('bank_reference', words.bank, { maxlength: 100, value: bank, read: needed }),
        ],
      }),
      saver(usual.csv, () => `${path}/export.csv`),
      isOpen &&
        !isIn &&
        saver(usual.bankCsv, () => `${path}/export.csv?format=bank_generic`, after),
      (isIn || status === 'paid') &&
        saver(usual.bankAgain, () => `${path}/export.csv?format=bank_generic&again=true`),
    )
  }
}

const factsOf = (batch, known, held) =>
  h(
    'dl',
    { class: 'card' },
    line(
      words.merchant,
      h('a', { href: `#/merchant/${batch.merchant_id}` }, known.merchant(batch.merchant_id)),
    ),
    batch.days.map(({ day, amount }) => line(bookDay(day), rupiah(amount))),
    batch.adjusted !== 0 && line(words.adjusted, rupiah(batch.adjusted)),
    line(words.dueDay, bookDay(batch.due_day)),
    line(words.createdAt, `${timeOf(batch.created_at)} ${usual.by(batch.created_by)}`),
    batch.paid_at !== null && line(words.paidAt, timeOf(batch.paid_at)),
    batch.bank_reference !== '' && line(words.bank, batch.bank_reference),
    isLive(batch) && line(words.bankFile, fileWords(batch.bank_file)),
    held !== null &&
      isLive(batch) &&
      line(words.statement, held.statement === null ? words.noStatement : readWords(held)),
    line(words.reference, batch.reference),
    line(words.transfer, batch.transfer_reference),
    h('div', { class: 'sum' }, h('dt', null, words.total), h('dd', null, rupiah(batch.total))),
  )

const isLive = ({ status }) => status === 'created' || status === 'paid'
const fileWords = file => (file === null ? words.untaken : words.taken(timeOf(file.at), file.by))
/** Which statement of the bank named it, and what it said if that was another amount. */
const readWords = ({ statement, bank, total }) =>
  [statementWords(statement), bank !== total && `${heldWords.bank} ${rupiah(bank)}`]
    .filter(Boolean)
    .join(' · ')

const lineRow = ({ kind, transaction_id: id, gross, fee, net, at }) =>
  cells(
    `#/transaksi/${id}`,
    strong(kind === 'refund' ? words.refund : rupiah(gross)),
    money(rupiah(net)),
    soft(timeOf(at)),
    soft(words.feeOf(fee)),
  )

const adjustmentRow = ({ kind, amount, reason, by, at }) =>
  cells(
    null,
    strong(reason),
    money(rupiah(kind === 'credit' ? amount : -amount)),
    soft(words.kinds[kind]),
    soft(`${timeOf(at)} ${usual.by(by)}`),
  )
