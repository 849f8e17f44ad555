/**
 * One merchant: its life, what it is, where its tills stand, what it pays, and who speaks for it.
 *
 * WPK1. Only the steps that its life allows are offered.
 */

import { fill, h } from '../kit/dom.js'
import { dayOf, timeOf } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { cells, choice, input, soft, strong } from './cells.js'
import { deed, needed, reasoned, summedOrNone } from './deed.js'
import { call, forgetNames, may } from './desk.js'
import { differing, merchantFields } from './merchant-fields.js'
import { lifeTones } from './merchants.js'
import { personAdd, personRow } from './people.js'
import { merchantRoles, usual, merchants as words } from './text.id.js'

const life = {
  pending: ['approve', 'reject'],
  approved: ['suspend'],
  suspended: ['resume'],
  rejected: [],
}

export function open({ node, rest, title }) {
  title(words.title)
  const id = encodeURIComponent(rest)
  const path = `/admin/merchants/${id}`
  const body = h('div', null, skeleton(6))
  node.append(body)
  void look()

  async function look() {
    const answer = await call('GET', path)
    if (answer.status === 404) return fill(body, h('p', { class: 'empty' }, usual.gone))
    if (!answer.ok) return fill(body, trouble(answer.sentence, look))
    const wanted = ['outlets', 'history'].map(part => call('GET', `${path}/${part}`))
    const [outlets, history, terminals, own, house, people] = await Promise.all([
      ...wanted,
      call('GET', `/admin/terminals?merchant_id=${id}`),
      call('GET', `/admin/fees?merchant_id=${id}`),
      call('GET', '/admin/fees'),
      may('admins') ? call('GET', `/admin/people?merchant_id=${id}`) : null,
    ])
    forgetNames()
    const rows = part => part?.data?.rows ?? []
    show(answer.data, {
      ...{ outlets: rows(outlets), history: rows(history), terminals: rows(terminals) },
      fees: [...rows(own), ...(rows(own).length === 0 ? rows(house) : [])],
      people: people === null ? null : rows(people),
    })
  }

  function show(merchant, { outlets, terminals, fees, people, history }) {
    title(merchant.name)
    const after = look
    const reason = () => input('reason', usual.reason, { maxlength: 300, read: reasoned })
    fill(
      body,
      h(
        'div',
        { class: 'banner', 'data-tone': lifeTones[merchant.status] },
        pill(lifeTones[merchant.status], words.statuses[merchant.status]),
        merchant.status_reason !== '' && h('p', { class: 'soft' }, merchant.status_reason),
        h(
          'div',
          { class: 'deeds' },
          life[merchant.status].map(verb =>
            deed({
              ...{ name: words.verbs[verb], group: 'keepers', path: `${path}/${verb}`, after },
              fields: verb === 'approve' || verb === 'resume' ? [] : [reason()],
            }),
          ),
        ),
      ),
      h(
        'div',
        { class: 'halves' },
        h('div', null, h('h2', null, words.facts), factsOf(merchant)),
        h(
          'div',
          null,
          h('h2', null, words.outlets),
          outlets.length === 0 && h('p', { class: 'soft' }, words.noOutlets),
          outlets.map(one => outletCard(one, terminals, after)),
        ),
      ),
      h(
        'div',
        { class: 'deeds' },
        deed({
          ...{ name: words.change, group: 'keepers', path, method: 'PATCH', after },
          fields: merchantFields(merchant),
          body: values => ({ ...differing(values, merchant), version: merchant.version }),
        }),
        deed({
          ...{ name: words.addOutlet, group: 'keepers', path: `${path}/outlets`, after },
          fields: Object.entries(words.outletFields).map(([name, label]) =>
            input(name, label, { maxlength: 100, ...(name === 'name' ? { read: needed } : {}) }),
          ),
        }),
        slipsOf(merchant).map(nmid =>
          deed({
            ...{ name: words.release(nmid), group: 'admins', path: `${path}/release-nmid`, after },
            fields: [input('reason', words.releaseReason, { maxlength: 300, read: reasoned })],
            body: values => ({ ...values, nmid }),
          }),
        ),
      ),
      section(words.fees, fees.map(feeRow), feeDeed(rest, after)),
      people !== null && peopleOf(rest, people),
      section(words.history, history.map(changeRow)),
    )
  }
}

/** NMIDs that it had, and may never have been its own. */
const slipsOf = ({ former_nmids: former, nmid: own }) =>
  [...new Set(former.map(({ nmid }) => nmid))].filter(nmid => nmid !== own)

const section = (name, rows, ...more) =>
  h(
    'section',
    null,
    h('h2', null, name),
    h(
      'ul',
      { class: 'rows' },
      rows.map(one => h('li', null, one)),
    ),
    more,
  )

function peopleOf(merchantId, people) {
  const list = h('ul', { class: 'rows' })
  show(people)
  // The password that was just made stays below, to be taken along.
  const add = personAdd({
    ...{ merchantId, roles: merchantRoles },
    async after() {
      const answer = await call('GET', `/admin/people?merchant_id=${merchantId}`)
      if (answer.ok) show(answer.data.rows)
    },
  })
  return h('section', null, h('h2', null, words.people), list, add)

  function show(all) {
    const rows = all.map(one => personRow(one, merchantRoles))
    if (rows.length === 0) rows.push(cells(null, soft(words.noPeople)))
    fill(
      list,
      rows.map(one => h('li', null, one)),
    )
  }
}

const factsOf = merchant => [
  h(
    'dl',
    { class: 'card' },
    ['qr_name', 'city', 'nmid', 'criteria', 'email', 'phone']
      .filter(name => merchant[name] !== '')
      .map(name => line(words.fields[name], merchant[name])),
    merchant.former_nmids.map(one =>
      line(words.formerNmid, words.formerUntil(one.nmid, dayOf(one.until_at))),
    ),
    line(words.fields.settle_days, merchant.settle_days),
    line(
      words.account,
      merchant.account_hint === ''
        ? usual.none
        : `${merchant.bank_code.toUpperCase()} ${merchant.account_hint} · ${merchant.account_name}`,
    ),
  ),
  [merchant.bank_code, merchant.account_hint, merchant.account_name].includes('') &&
    h('p', { class: 'soft' }, words.accountless),
  h(
    'p',
    { class: 'ways' },
    h('a', { href: `#/transaksi?merchant=${merchant.merchant_id}` }, words.payments),
    h('a', { href: `#/pencairan?merchant=${merchant.merchant_id}` }, words.batches),
  ),
]

function outletCard(outlet, terminals, after) {
  const own = terminals.filter(one => one.outlet_id === outlet.outlet_id)
  return h(
    'div',
    { class: 'card outlet' },
    h('h3', null, outlet.name),
    h('p', { class: 'soft' }, [outlet.address, outlet.city].filter(Boolean).join(', ')),
    h(
      'ul',
      { class: 'plain' },
      own.map(one =>
        h(
          'li',
          null,
          h('b', null, one.label),
          h(
            'span',
            { class: 'soft' },
            [words.kinds[one.kind], one.tid, !one.active && words.off].filter(Boolean).join(' · '),
          ),
          deed({
            name: one.active ? words.turnOff : words.turnOn,
            ...{ group: 'keepers', method: 'PATCH', path: `/admin/terminals/${one.terminal_id}` },
            ...{ body: () => ({ active: !one.active }), sure: one.active, after },
          }),
        ),
      ),
    ),
    deed({
      ...{ name: words.addTerminal(outlet.name), group: 'keepers', after },
      path: `/admin/outlets/${outlet.outlet_id}/terminals`,
      fields: [
        input('label', words.terminalLabel, { maxlength: 100, read: needed }),
        choice('kind', words.kind, Object.entries(words.kinds)),
      ],
    }),
  )
}

const feeRow = ({ merchant_id: whose, plan, effective_from: from, created_by: by }) =>
  cells(
    null,
    strong(words.feeOf(plan)),
    soft(whose === null ? words.houseFee : words.ownFee),
    soft(`${words.feeFrom(timeOf(from))}, ${usual.by(by)}`),
    plan.tiers?.length > 0 ? soft(words.tiers(plan.tiers.length)) : null,
  )

const percent = text => {
  const value = Number(text.replace(',', '.'))
  return text !== '' && value >= 0 && value <= 100 ? Math.round(value * 100) : undefined
}

percent.says = words.bpsWrong

const feeDeed = (merchantId, after) =>
  deed({
    ...{ name: words.addFee, group: 'payers', path: '/admin/fees', after },
    fields: [
      input('bps', words.bps, { inputmode: 'decimal', read: percent }),
      input('fixed', words.fixed, { inputmode: 'numeric', read: summedOrNone }),
    ],
    body: ({ bps, fixed }) => ({
      ...{ merchant_id: merchantId, effective_from: new Date().toISOString() },
      plan: { bps, fixed, rounding: 'half_up' },
    }),
  })

const unspoken = new Set(['version', 'updated_at', 'id', 'created_at', 'created_by'])

function changeRow({ at, who, before, after }) {
  const keys = Object.keys(after ?? {}).filter(
    key => !unspoken.has(key) && before !== null && before[key] !== after[key],
  )
  const named = keys.map(key => words.fields[key] ?? (key === 'status' ? words.status : null))
  const told = [...new Set(named.filter(Boolean))].join(', ')
  return cells(
    null,
    strong(before === null ? words.made : words.changed(told || words.facts)),
    soft(timeOf(at)),
    soft(usual.by(who)),
  )
}
