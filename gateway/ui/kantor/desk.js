/** This area's one desk: the staff's door, and what each role may do. */

import { openDesk } from '../kit/desk.js'
import { h } from '../kit/dom.js'
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
}

export const may = group => group === undefined || groups[group].includes(session.user.role)

/** Why this person may not, or nothing. */
export const barredBy = group => (may(group) ? '' : only[group])

/** Places of the menu that are not everybody's. */
const placesOf = { ekspor: 'payers', orang: 'admins' }
export const mayOpen = word =>
  word === 'audit' ? session.user.role !== 'support' : may(placesOf[word])

let known = null

/** Names of merchants and terminals, for lists that know their ids only. */
export async function names() {
  known ??= Promise.all([
    call('GET', '/admin/merchants?limit=500'),
    call('GET', '/admin/terminals'),
  ]).then(([merchants, terminals]) => {
    if (!merchants.ok || !terminals.ok) known = null
    return namesOf(merchants.data?.rows ?? [], terminals.data?.rows ?? [])
  })
  return await known
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
