/**
 * One user: what is his, what he did, and what may be done about him.
 *
 * WPP1. A ban says why and until when, and can be lifted from where it is seen.
 */

import { fill, h } from '../kit/dom.js'
import { count, dayOf, rupiah, timeOf } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { cells, check, choice, input, money, soft, strong } from './cells.js'
import { deed, needed } from './deed.js'
import { call } from './desk.js'
import { orderRow } from './number-orders.js'
import { userTones } from './number-users.js'
import { numberWays, reasonOf, root } from './number-ways.js'
import { usual } from './text.id.js'
import { ways, users as words } from './text-number.id.js'

const dayMs = 86_400_000

export function open({ node, rest, title }) {
  title(words.title)
  const path = `${root}/users/${encodeURIComponent(rest)}`
  const body = h('div', null, skeleton(6))
  node.append(numberWays('nomor-pengguna'), body)
  void look()

  async function look() {
    const answer = await call('GET', path)
    if (answer.status === 404) return fill(body, h('p', { class: 'empty' }, usual.gone))
    if (!answer.ok) return fill(body, trouble(answer.sentence, look))
    show(answer.data)
  }

  function show({ user, money: purse, totals, orders, mutations, activity }) {
    title(user.name)
    const { fields } = words
    const tone = userTones[user.status]
    fill(
      body,
      h(
        'div',
        { class: 'banner', 'data-tone': tone },
        pill(tone, words.statuses[user.status]),
        user.ban !== null && h('p', null, banned(user.ban)),
      ),
      h(
        'div',
        { class: 'halves' },
        h(
          'dl',
          { class: 'card' },
          line(fields.email, `${user.email ?? usual.none}${unproven(user)}`),
          line(fields.phone, user.phone ?? usual.none),
          line(fields.level, user.level),
          line(fields.since, dayOf(user.created_at)),
        ),
        h(
          'dl',
          { class: 'card' },
          line(fields.balance, rupiah(purse.available)),
          purse.held > 0 && line(fields.held, rupiah(purse.held)),
          line(fields.spent, rupiah(totals.spent)),
          line(fields.orders, count(totals.orders)),
          line(fields.codes, count(totals.codes)),
          line(fields.refunds, count(totals.refunds)),
        ),
      ),
      h('div', { class: 'deeds' }, deedsOf(user, path, look)),
      section(words.orders, orders.map(orderRow), 'c5'),
      h(
        'p',
        { class: 'ways' },
        h('a', { href: `#/nomor-order?pengguna=${user.user_id}` }, words.allOrders),
      ),
      section(words.mutations, mutations.map(mutationRow), 'c4'),
      section(words.activity, activity.map(activityRow)),
    )
  }
}

const banned = ({ reason, ends_at: ends }) =>
  words.banBanner(reason, ends === null ? words.forever : words.until(timeOf(ends)))

const unproven = user =>
  user.email === null || user.is_email_verified ? '' : ` (${words.unverified})`

const section = (name, rows, shape = '') =>
  h(
    'section',
    null,
    h('h2', null, name),
    rows.length === 0
      ? h('p', { class: 'soft' }, words.nothing)
      : h(
          'ul',
          { class: `rows ${shape}`.trim() },
          rows.map(one => h('li', null, one)),
        ),
  )

const reason = () => input('reason', ways.reason, { maxlength: 300, read: reasonOf })

const level = text => (/^\d{1,2}$/.test(text) ? Number(text) : undefined)
level.says = words.levelWrong

const basis = text => (text.length < 10 ? undefined : text)
basis.says = words.exportShort

/** Brought as a file; nothing of it stays on the page. */
const exporting = (user, path) =>
  deed({
    ...{ name: words.export, group: 'admins', path: `${path}/export` },
    fields: [
      input('reason', words.exportReason, { maxlength: 500, note: words.exportNote, read: basis }),
      { ...check('with_messages', words.exportMessages), read: value => value },
    ],
    after: data => save(data, `pengguna-${user.user_id}.json`),
  })

function save(data, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)]))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

const deedsOf = (user, path, after) => [...changes(user, path, after), exporting(user, path)]

function changes(user, path, after) {
  const group = 'admins'
  if (user.status === 'closed') return []
  const change = deed({
    ...{ name: words.change, group, method: 'PUT', path, after },
    fields: [
      input('name', words.fields.name, { maxlength: 100, value: user.name, read: needed }),
      input('level', words.fields.level, {
        ...{ inputmode: 'numeric', maxlength: 2, value: String(user.level), read: level },
      }),
    ],
    body: values => ({ ...values, version: user.version }),
  })
  if (user.ban !== null) {
    const lift = { name: words.unban, group, path: `${path}/unban`, after }
    return [change, deed({ ...lift, fields: [reason()] })]
  }
  if (user.status === 'suspended') {
    const wake = { name: words.activate, group, method: 'PUT', path: `${path}/status`, after }
    const body = values => ({ ...values, status: 'active' })
    return [change, deed({ ...wake, fields: [reason()], body })]
  }
  return [
    change,
    deed({
      ...{ name: words.ban, group, path: `${path}/ban`, after },
      fields: [choice('days', words.banFor, words.banDays), reason()],
      body: ({ days, ...values }) => ({
        ...values,
        until: days === '0' ? null : new Date(Date.now() + Number(days) * dayMs).toISOString(),
      }),
    }),
  ]
}

const mutationRow = one =>
  cells(
    null,
    strong(words.kinds[one.kind] ?? one.kind),
    money(`${one.direction === 'in' ? '+' : '−'}${rupiah(one.amount)}`),
    soft(one.detail || words.directions[one.direction]),
    soft(timeOf(one.created_at)),
  )

const activityRow = one =>
  cells(
    null,
    strong(words.whats[one.what] ?? one.what),
    soft(timeOf(one.at)),
    one.address === '' ? null : soft(one.address),
  )
