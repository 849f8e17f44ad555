/** Who did what, newest first, and whether anybody touched what stands there. */

import { action } from '../kit/action.js'
import { h } from '../kit/dom.js'
import { timeOf } from '../kit/format.js'
import { pagedList } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { query as asking } from '../kit/query.js'
import { remember } from '../kit/router.js'
import { cells, filters, soft } from './cells.js'
import { barredBy, call } from './desk.js'
import { merchantRoles, roles, usual, audit as words } from './text.id.js'
import { deeds } from './text-audit.id.js'

export function open({ node, query, title }) {
  title(words.title)
  const any = ['', usual.all]
  const bar = filters(
    query,
    [['kegiatan', words.action, [any, ...Object.entries(words.actions)]]],
    again,
  )
  const list = pagedList({
    label: words.title,
    shape: 'c4',
    row: auditRow,
    empty: () => h('p', null, bar.isNarrow() ? usual.nothing : words.empty),
    async load(cursor) {
      const asked = asking({ limit: 50, cursor, action: bar.value('kegiatan') })
      const answer = await call('GET', `/admin/audit-logs${asked}`)
      return { ...answer, rows: answer.data?.rows, next: answer.data?.next_cursor }
    },
  })
  const check = action(words.verify, verify, { busy: words.verifying, kind: 'quiet' })
  const reason = barredBy('payers')
  if (reason !== '') check.bar(reason)
  node.append(h('div', { class: 'deed' }, check.button, check.note), bar.node, list.node)
  void list.again()

  async function verify() {
    check.say('')
    const answer = await call('GET', '/admin/audit-logs/verify')
    if (!answer.ok) return check.say(answer.sentence)
    const { intact, rows, first_broken: broken } = answer.data
    if (intact) check.say(words.intact(rows), 'good')
    else check.say(words.broken(broken))
  }

  function again() {
    remember('audit', bar.values())
    void list.again()
  }
}

/** Where that stands to which something was done. */
const placesOf = {
  ...{ merchant: 'merchant', transaction: 'transaksi', settlement: 'pencairan' },
  device: 'perangkat',
}
const idShape = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

function placeOf({ action: did, subject }) {
  const place = placesOf[did.split('.')[0]]
  return place !== undefined && idShape.test(subject) ? `#/${place}/${subject}` : null
}

const auditRow = one =>
  cells(
    placeOf(one),
    h('b', { title: one.action }, deeds[one.action] ?? one.action),
    pill(
      one.outcome === 'done' ? 'good' : 'bad',
      one.outcome === 'done' ? words.done : one.outcome,
    ),
    soft(`${one.actor_name} · ${roleOf(one.role)}`),
    soft(timeOf(one.at)),
    h('span', { class: 'soft wide' }, [one.subject, one.address].filter(Boolean).join(' · ')),
  )

/** `merchant.owner`: of those who speak for a merchant, with what they are there. */
function roleOf(role) {
  const [kind, there] = role.split('.')
  if (there !== undefined) return words.ofMerchant(merchantRoles[there] ?? there)
  return roles[kind] ?? words.roles[kind] ?? kind
}
