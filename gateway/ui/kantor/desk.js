/** This area's one desk: the staff's door, and what each role may do. */

import { openDesk } from '../kit/desk.js'
import { h } from '../kit/dom.js'
import { query as asking } from '../kit/query.js'
import { only, sayings } from './text.id.js'

export const { session, signIn, signOut, resume, call, decide, download, sentenceOf } = openDesk({
  ...{ door: '/admin/login', mark: 'laju.kantor', sayings },
  ending: () => '/admin/session',
})

/** As the doors of docs/soundbox.md have it; the server decides, this only tells in time. */
const groups = {
  keepers: ['admin', 'ops'],
  payers: ['admin', 'finance'],
  helpers: ['admin', 'ops', 'support'],
  admins: ['admin'],
  numbers: ['admin', 'finance', 'support'],
  readers: ['admin', 'finance', 'viewer'],
  revealers: ['admin', 'support'],
}

export const may = group => group === undefined || groups[group].includes(session.user.role)

/** Why this person may not, or nothing. */
export const barredBy = group => (may(group) ? '' : only[group])

/** Places of the menu that are not everybody's. */
const placesOf = { buku: 'readers', ekspor: 'payers', orang: 'admins', nomor: 'numbers' }
export const mayOpen = word =>
  word === 'audit' ? session.user.role !== 'support' : may(placesOf[word])

/** More names than these are not fetched: a terminal is then called by the end of its id. */
const terminalsMax = 10_000
let known = null

/** Names of merchants and terminals, for lists that know their ids only. */
export async function names() {
  known ??= Promise.all([call('GET', '/admin/merchants?limit=500'), allTerminals()]).then(
    ([merchants, terminals]) => {
      if (!merchants.ok || terminals === null) known = null
      return namesOf(merchants.data?.rows ?? [], terminals ?? [])
    },
  )
  return await known
}

/** Null when there was no answer. */
async function allTerminals() {
  const rows = []
  for (let cursor = ''; cursor !== null && rows.length < terminalsMax; ) {
    const { ok, data } = await call('GET', `/admin/terminals${asking({ cursor })}`)
    if (!ok) return null
    rows.push(...data.rows)
    cursor = data.next_cursor
  }
  return rows
}

export const forgetNames = () => {
  known = null
}

function namesOf(merchants, terminals) {
  const merchantNames = new Map(merchants.map(one => [one.merchant_id, one.name]))
  const labels = new Map(terminals.map(one => [one.terminal_id, one.label]))
  return {
    ...{ merchants, terminals },
    merchant: id => merchantNames.get(id) ?? id?.slice(-8) ?? '–',
    terminal: id => labels.get(id) ?? id?.slice(-8) ?? '–',
    options: () => merchants.map(one => h('option', { value: one.merchant_id }, one.name)),
  }
}
