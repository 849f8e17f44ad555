/** Batches on their way to merchants' banks: made, looked through, taken along as files. */

import { action } from '../kit/action.js'
import { h } from '../kit/dom.js'
import { bookDay, rupiah } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { go, remember } from '../kit/router.js'
import { cells, check, choice, filters, money, soft } from './cells.js'
import { deed } from './deed.js'
import { barredBy, call, download, names } from './desk.js'
import { open as openBatch } from './settlement.js'
import { usual } from './text.id.js'
import { settlements as words } from './text-money.id.js'

export const batchTones = {
  ...{ created: 'warn', paid: 'good', failed: 'bad', cancelled: 'soft', reprocessed: 'soft' },
}

export async function open(page) {
  if (page.rest !== '') return openBatch(page)
  const { node, query, title } = page
  title(words.title)
  const known = await names()
  const pairs = known.merchants.map(one => [one.merchant_id, one.name])
  const any = ['', usual.all]
  const bar = filters(
    query,
    [
      ['status', words.status, [any, ...Object.entries(words.statuses)]],
      ['merchant', words.merchant, [any, ...pairs]],
    ],
    again,
  )
  const narrowed = () => ({ status: bar.value('status'), merchant_id: bar.value('merchant') })
  const list = pagedList({
    label: words.title,
    shape: 'c4',
    row: one => batchRow(one, known),
    empty: () => h('p', null, bar.isNarrow() ? usual.nothing : words.empty),
    async load(cursor) {
      const asked = asking({ limit: 25, cursor, ...narrowed() })
      const answer = await call('GET', `/admin/settlement-batches${asked}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  const base = '/admin/settlement-batches'
  node.append(
    h(
      'div',
      { class: 'deeds' },
      deed({
        ...{ name: words.run, group: 'payers', path: `${base}/run`, sure: true },
        async after({ rows }, act) {
          act.say(words.ran(rows.length), 'good')
          await list.renew()
        },
      }),
      deed({
        ...{ name: words.add, group: 'payers', path: base },
        fields: [choice('merchant_id', words.merchant, pairs), check('early', words.early)],
        after: made => go(`#/pencairan/${made.settlement_batch_id}`),
      }),
      saver(usual.csv, () => `${base}/export.csv${asking(narrowed())}`),
      saver(
        usual.bankCsv,
        () => `${base}/export.csv${asking({ ...narrowed(), format: 'bank_generic' })}`,
        () => list.renew(),
      ),
    ),
    bar.node,
    list.node,
  )
  void list.again()

  function again() {
    remember('pencairan', bar.values())
    void list.again()
  }
}

/** A button that brings a file; what is in a bank's file stands otherwise `after` it. */
export function saver(name, path, after = () => {}) {
  const act = action(name, save, { busy: usual.downloading, kind: 'quiet' })
  const reason = barredBy('payers')
  if (reason !== '') act.bar(reason)
  return h('div', { class: 'deed' }, act.button, act.note)

  async function save() {
    act.say('')
    const answer = await download(path(), 'pencairan.csv')
    if (!answer.ok) act.say(answer.sentence)
    else {
      const { leftOut, held, more } = answer
      act.say(
        [
          leftOut > 0 && words.leftOut(leftOut),
          held > 0 && words.held(held),
          more > 0 && words.more(more),
        ]
          .filter(Boolean)
          .join(' '),
      )
      await after()
    }
  }
}

const batchRow = (batch, known) =>
  cells(
    `#/pencairan/${batch.settlement_batch_id}`,
    money(rupiah(batch.total)),
    pill(batchTones[batch.status], words.statuses[batch.status]),
    soft(known.merchant(batch.merchant_id)),
    soft(
      [bookDay(batch.due_day), batch.bank_file !== null && words.inFile]
        .filter(Boolean)
        .join(' · '),
    ),
  )
