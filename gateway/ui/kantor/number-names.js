/**
 * What suppliers call apps and countries, and what each is to whoever buys.
 *
 * WPX1. A word is joined with a reason, of the version that was looked at; what staff said can be
 *       taken back, and nothing else can.
 */

import { h } from '../kit/dom.js'
import { field } from '../kit/field.js'
import { timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { cells, filters, input, soft, strong } from './cells.js'
import { deed, needed } from './deed.js'
import { call } from './desk.js'
import { numberWays, reasonOf, root } from './number-ways.js'
import { usual } from './text.id.js'
import { ways, names as words } from './text-number.id.js'

const path = `${root}/number-names`
const pauseMs = 250

export function open({ node, title, query, signal }) {
  title(words.title)
  let version = 0
  let timer = 0
  const seeker = h('input', { type: 'search', maxlength: 60, autocomplete: 'off' })
  seeker.value = query.get('cari') ?? ''
  const kinds = Object.entries(words.kinds)
  const narrowing = filters(query, [['jenis', words.kind, kinds, 'service']], again)
  const list = pagedList({
    label: words.list,
    shape: 'c4',
    row: nameRow,
    empty: () => h('p', null, words.empty),
    async load(cursor) {
      const kind = narrowing.value('jenis')
      const search = seeker.value.trim()
      const answer = await call('GET', `${path}${asking({ kind, search, cursor, limit: 50 })}`)
      version = answer.data?.version ?? version
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  seeker.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(again, pauseMs)
  })
  signal.addEventListener('abort', () => clearTimeout(timer))
  narrowing.node.append(field(words.seek, seeker).node)
  node.append(
    numberWays('nomor-nama'),
    h('p', { class: 'soft' }, words.intro),
    narrowing.node,
    list.node,
  )
  void list.again()

  function again() {
    remember('nomor-nama', { jenis: narrowing.value('jenis'), cari: seeker.value.trim() })
    void list.again()
  }

  function nameRow(one) {
    const isOurs = one.by === 'staff'
    const row = cells(
      null,
      strong(one.told),
      soft(one.suppliers.join(', ') || words.nobody),
      h('span', null, words.is(one.name, one.id)),
      soft(isOurs ? `${usual.by(one.who)}, ${timeOf(one.at)}` : words.says[one.by]),
      isOurs && one.reason !== null ? h('div', { class: 'wide soft' }, one.reason) : null,
      h('div', { class: 'wide deeds' }, joining(one), isOurs && takingBack(one)),
    )
    row.classList.add('tall')
    return row
  }

  const reason = () => input('reason', ways.reason, { maxlength: 300, read: reasonOf })
  const change = ({ kind, word }, more) =>
    deed({
      ...{ group: 'admins', method: 'PUT', path, after: () => list.again() },
      body: values => ({ ...values, kind, word, version }),
      ...more,
    })

  const joining = one =>
    change(one, {
      name: words.join,
      fields: [
        input('id', words.id, { maxlength: 64, value: one.id, note: words.idNote, read: needed }),
        input('name', words.name, { maxlength: 60, note: words.nameNote(one.name) }),
        reason(),
      ],
    })

  const takingBack = one =>
    change(one, {
      ...{ name: words.takeBack, fields: [reason()] },
      body: values => ({ ...values, kind: one.kind, word: one.word, id: null, version }),
    })
}
