/** Every merchant, and the door for a new one. */

import { h } from '../kit/dom.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { go, remember } from '../kit/router.js'
import { cells, input, soft, strong } from './cells.js'
import { deed, needed } from './deed.js'
import { call, forgetNames } from './desk.js'
import { open as openMerchant } from './merchant.js'
import { merchantFields } from './merchant-fields.js'
import { seeking } from './seeking.js'
import { usual, merchants as words } from './text.id.js'

export const lifeTones = { pending: 'warn', approved: 'good', rejected: 'bad', suspended: 'bad' }

export function open(page) {
  if (page.rest !== '') return openMerchant(page)
  const { node, query, title } = page
  title(words.title)
  const bar = seeking(
    query,
    { label: usual.search, placeholder: words.searchLike },
    [['status', words.status, [['', usual.all], ...Object.entries(words.statuses)]]],
    again,
  )
  const list = pagedList({
    label: words.title,
    shape: 'c4',
    row: merchantRow,
    empty: () => h('p', null, bar.isNarrow() ? usual.nothing : words.empty),
    async load(cursor) {
      const asked = {
        limit: 50,
        cursor,
        status: bar.value('status'),
        q: bar.sought(),
      }
      const answer = await call('GET', `/admin/merchants${asking(asked)}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  const add = deed({
    ...{ name: words.add, group: 'keepers', path: '/admin/merchants' },
    fields: [
      input('name', words.fields.name, { maxlength: 100, read: needed }),
      ...merchantFields({}, ['city', 'criteria', 'bank_code', 'account_name', 'account_number']),
    ],
    after(made) {
      forgetNames()
      go(`#/merchant/${made.merchant_id}`)
    },
  })
  node.append(add, bar.node, list.node)
  void list.again()

  function again() {
    remember('merchant', bar.values())
    void list.again()
  }
}

const merchantRow = one =>
  cells(
    `#/merchant/${one.merchant_id}`,
    strong(one.name),
    pill(lifeTones[one.status], words.statuses[one.status]),
    soft(`${one.city} · ${one.nmid}`),
    soft(
      one.account_hint === '' ? usual.none : `${one.bank_code.toUpperCase()} ${one.account_hint}`,
    ),
  )
