/**
 * Where numbers come from: how each supplier stands, and how it is spoken to.
 *
 * WPS1. Credentials are written and never shown; left empty, they stay.
 */

import { action } from '../kit/action.js'
import { fill, h } from '../kit/dom.js'
import { count, rupiah, timeOf } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { choice, input } from './cells.js'
import { deed, needed } from './deed.js'
import { call } from './desk.js'
import { numberWays, reasonOf, root } from './number-ways.js'
import { usual } from './text.id.js'
import { ways, suppliers as words } from './text-number.id.js'

const path = `${root}/number-suppliers`

export function open({ node, title }) {
  title(words.title)
  const body = h('div', null, skeleton(4))
  node.append(numberWays('nomor-pemasok'), h('p', { class: 'soft' }, words.intro), body)
  void look()

  async function look() {
    const answer = await call('GET', path)
    if (!answer.ok) return fill(body, trouble(answer.sentence, look))
    const { rows, kinds } = answer.data
    fill(
      body,
      rows.length === 0 && h('div', { class: 'empty' }, h('p', null, words.empty)),
      rows.map(one => card(one, kinds, look)),
      h(
        'div',
        { class: 'deeds' },
        kinds.map(kind => adding(kind, look)),
      ),
    )
  }
}

function card(one, kinds, after) {
  const { week } = one
  const [tone, said] = standingOf(one)
  const kind = kinds.find(({ kind }) => kind === one.kind)
  return h(
    'section',
    { class: 'card' },
    h('div', { class: 'head' }, h('h2', null, one.name), pill(tone, said)),
    one.problem !== null && h('p', { class: 'notice', 'data-tone': 'warn' }, one.problem),
    h(
      'dl',
      null,
      line(words.fields.balance, one.balance === null ? usual.none : rupiah(one.balance)),
      line(words.fields.offers, count(one.offers)),
      line(
        words.fields.refreshed,
        one.refreshed_at === null ? words.never : timeOf(one.refreshed_at),
      ),
      line(words.fields.orders, words.ordersOf(week.orders, week.errors)),
      line(
        words.fields.success,
        week.success_rate === null ? words.few : words.of100(week.success_rate),
      ),
      line(words.fields.time, timeTold(week)),
    ),
    h(
      'div',
      { class: 'deeds' },
      testing(one.code),
      deed({
        ...{ name: words.refresh, group: 'payers', path: `${path}/${one.code}/refresh`, after },
      }),
      kind !== undefined && changing(one, kind, after),
    ),
  )
}

function standingOf({ active, stale, problem }) {
  if (!active) return ['soft', words.off]
  if (problem !== null) return ['bad', words.troubled]
  return stale ? ['warn', words.stale] : ['good', words.well]
}

const timeTold = ({ code_p50_s: half, code_p90_s: most }) =>
  half === null ? words.few : words.times(half, most)

/** Asks for the balance now; nothing is bought. */
function testing(code) {
  const act = action(words.test, ask, { busy: words.testing, kind: 'quiet' })
  return h('div', { class: 'deed' }, act.button, act.note)

  async function ask() {
    act.say('')
    const answer = await call('POST', `${path}/${code}/test`, {})
    if (!answer.ok) return act.say(answer.sentence)
    const { balance, ms } = answer.data
    if (balance === null) return act.say(words.silent(ms))
    act.say(words.answered(rupiah(balance), ms), 'good')
  }
}

const secretName = name => `credential.${name}`

const fieldsOf = (kind, one) => [
  input('name', words.fields.name, { maxlength: 100, value: one.name, read: needed }),
  input('base_url', words.fields.url, {
    type: 'url',
    maxlength: 300,
    value: one.base_url,
    read: needed,
  }),
  input('unit', words.fields.unit, {
    ...{ inputmode: 'decimal', maxlength: 16, value: one.unit, note: words.unitNote, read: needed },
  }),
  ...kind.credentials.map(name =>
    input(secretName(name), words.credential(name), {
      ...{ type: 'password', autocomplete: 'new-password', maxlength: 500 },
      ...(one.version === 0 ? { read: needed } : { note: words.secretNote }),
    }),
  ),
  choice('active', words.fields.active, Object.entries(words.actives), {
    ...{ value: String(one.active), read: text => text === 'true' },
  }),
  input('reason', ways.reason, { maxlength: 300, read: reasonOf }),
]

function bodyOf(values, one) {
  const secrets = Object.entries(values).filter(([name]) => name.startsWith('credential.'))
  const plain = Object.entries(values).filter(([name]) => !name.startsWith('credential.'))
  const credentials = secrets.map(([name, value]) => [name.slice('credential.'.length), value])
  return {
    ...Object.fromEntries(plain),
    credentials: credentials.length === 0 ? null : Object.fromEntries(credentials),
    ...{ kind: one.kind, terms: one.terms, version: one.version },
  }
}

const changing = (one, kind, after) =>
  deed({
    ...{ name: words.change, group: 'admins', method: 'PUT', path: `${path}/${one.code}`, after },
    fields: fieldsOf(kind, one),
    body: values => bodyOf(values, one),
  })

function adding(kind, after) {
  const fresh = {
    ...{ kind: kind.kind, name: '', base_url: '', unit: '1', active: true, version: 0 },
    terms: { cancel_after_ms: null, life_ms: null, poll_ms: null, resends: null },
  }
  const code = input('code', words.fields.code, {
    ...{ maxlength: 32, note: words.codeNote, read: codeOf },
  })
  return deed({
    ...{ name: words.add(kind.kind), group: 'admins', method: 'PUT', after },
    path: () => `${path}/${code.control.value.trim()}`,
    fields: [code, ...fieldsOf(kind, fresh)],
    body: ({ code: _, ...values }) => bodyOf(values, fresh),
  })
}

const codeOf = text => (/^[a-z0-9][a-z0-9_-]{0,31}$/.test(text) ? text : undefined)
codeOf.says = words.codeNote
