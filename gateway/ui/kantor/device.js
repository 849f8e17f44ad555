/**
 * One box: how it is and why, where it stands, its secret, its settings with what differs, its
 * commands, and what it was to say.
 */

import { fill, h } from '../kit/dom.js'
import { rupiah, secondOf, timeOf } from '../kit/format.js'
import { line } from '../kit/line.js'
import { skeleton, trouble } from '../kit/list.js'
import { pill } from '../kit/payment.js'
import { watch } from '../kit/watch.js'
import { cells, check, choice, input, money, soft, strong } from './cells.js'
import { deed, needed, reasoned } from './deed.js'
import { call, may, names } from './desk.js'
import { linkPill, placeOf, reasonsOf } from './devices.js'
import { payments, usual, devices as words } from './text.id.js'

export function open({ node, rest, title, signal }) {
  title(words.title)
  const path = `/admin/devices/${encodeURIComponent(rest)}`
  const banner = h('div', { class: 'banner', role: 'status' })
  const facts = h('div', null, skeleton(6))
  const deeds = h('div', { class: 'deeds' })
  const lists = ['commands', 'notifications', ...(may('helpers') ? ['mqtt-messages'] : [])].map(
    part => ({ part, node: h('ul', { class: 'rows' }), shown: '' }),
  )
  const parts = {
    commands: words.commands,
    notifications: words.told,
    'mqtt-messages': words.messages,
  }
  node.append(
    banner,
    facts,
    deeds,
    ...lists.map(one => h('section', null, h('h2', null, parts[one.part]), one.node)),
  )
  let shown = ''
  let offered = ''
  void look()
  watch(look, { node, signal, pauseMs: 5_000 })

  async function look() {
    const [answer, known] = await Promise.all([call('GET', path), names()])
    if (answer.ok) show(answer.data, known)
    else if (shown !== '') return false
    else if (answer.status === 404) fill(facts, h('p', { class: 'empty' }, usual.gone))
    else fill(facts, trouble(answer.sentence, look))
    if (answer.ok) await Promise.all(lists.map(lookAt))
    return answer.ok
  }

  async function lookAt(list) {
    const answer = await call('GET', `${path}/${list.part}?limit=20`)
    const now = JSON.stringify(answer.data?.rows)
    if (!answer.ok || now === list.shown) return
    list.shown = now
    const { row, empty } = listed[list.part]
    const { rows } = answer.data
    fill(
      list.node,
      rows.length === 0
        ? h('li', null, cells(null, soft(empty)))
        : rows.slice(0, 20).map(one => h('li', null, row(one))),
    )
  }

  function show(device, known) {
    const now = JSON.stringify(device)
    if (now === shown) return
    shown = now
    title(`${device.model.vendor} ${device.model.name}`)
    banner.dataset.tone = device.status === 'active' && device.health.online ? 'good' : 'bad'
    fill(
      banner,
      linkPill(device),
      h('p', null, `${words.health(device.health.score)}. ${reasonsOf(device)}.`),
      device.status_reason !== '' && h('p', { class: 'soft' }, device.status_reason),
    )
    fill(facts, h('div', { class: 'halves' }, factsOf(device, known), configOf(device)))
    // A form that somebody fills in stays as it is.
    const state = [
      device.status,
      device.binding?.terminal_id,
      device.config.desired?.version,
    ].join()
    if (state === offered) return
    offered = state
    fill(deeds, deedsOf(device, known))
  }

  function deedsOf(device, known) {
    const after = look
    const isActive = device.status === 'active'
    const post = (name, verb, group, more = {}) =>
      deed({ ...{ name, group, path: `${path}/${verb}`, after }, ...more })
    const reason = () => [input('reason', usual.reason, { maxlength: 300, read: reasoned })]
    if (device.status === 'retired') return []
    return [
      isActive && post(words.command, 'commands', 'helpers', commandForm()),
      isActive && post(words.configure, 'config', 'keepers', configForm()),
      isActive &&
        post(words.push, 'config/retry-push', 'helpers', {
          after: async ({ pushed }, act) =>
            act.say(pushed ? words.pushed : words.unpushed, pushed ? 'good' : 'warn'),
        }),
      isActive && post(words.bind, 'bind', 'keepers', bindForm(known)),
      device.binding !== null && post(words.unbind, 'unbind', 'keepers', { sure: true }),
      isActive &&
        post(words.rotate, 'credentials/rotate', 'keepers', {
          sure: true,
          fields: [
            choice('grace_seconds', words.grace, Object.entries(words.graces), { read: Number }),
          ],
          once: made => [
            [words.id, made.device_id],
            [words.secret, made.secret],
          ],
        }),
      isActive
        ? post(words.block, 'block', 'keepers', { fields: reason(), sure: true })
        : post(words.unblock, 'unblock', 'keepers'),
      post(words.retire, 'retire', 'keepers', { fields: reason(), sure: true }),
    ]
  }
}

function commandForm() {
  const kind = choice('type', words.kind, Object.entries(words.kinds))
  const argument = input('argument', words.argument.play_test, { maxlength: 500 })
  const sha = input('sha256', words.sha, { maxlength: 64 })
  const change = () => {
    const label = words.argument[kind.control.value]
    argument.node.hidden = label === undefined
    argument.node.querySelector('label').textContent = label ?? ''
    sha.node.hidden = kind.control.value !== 'ota'
  }
  kind.control.addEventListener('change', change)
  change()
  const argsOf = {
    reboot: () => ({}),
    play_test: text => (text === '' ? {} : { text }),
    volume: text => ({ level: Number(text) }),
    language: lang => ({ lang }),
    ota: (url, hash) => ({ url, sha256: hash }),
  }
  return {
    fields: [kind, argument, sha],
    body: ({ type, argument: text = '', sha256 = '' }) => ({
      type,
      args: argsOf[type](text, sha256),
    }),
  }
}

function configForm() {
  const whole = text => (text === '' ? '' : /^\d{1,4}$/.test(text) ? Number(text) : undefined)
  const languages = [['', words.keep], ...Object.entries(words.languages)]
  return {
    method: 'PATCH',
    fields: [
      input('volume', words.volume, { inputmode: 'numeric', read: whole }),
      choice('language', words.language, languages),
      input('heartbeat_s', words.heartbeat, { inputmode: 'numeric', read: whole }),
    ],
    body: values => ({ values }),
  }
}

function bindForm(known) {
  const options = known.terminals.map(one => [
    one.terminal_id,
    `${known.merchant(one.merchant_id)} · ${one.label}`,
  ])
  return {
    fields: [
      choice('terminal_id', words.terminal, options, { read: needed }),
      check('swap', words.swap),
    ],
  }
}

const factsOf = (device, known) => {
  const { health, credential, binding } = device
  return h(
    'div',
    null,
    h('h2', null, words.facts),
    h(
      'dl',
      { class: 'card' },
      line(words.place, placeOf(device, known)),
      binding !== null && line(words.since, timeOf(binding.since)),
      line(words.seen, health.last_seen_at === null ? words.never : timeOf(health.last_seen_at)),
      health.battery !== null && line(words.battery, `${health.battery}%`),
      health.signal !== null && line(words.signal, `${health.signal}%`),
      health.firmware !== null && line(words.firmware, health.firmware),
      line(words.waiting, device.waiting),
      line(words.missed, device.missed),
      device.model.serial !== undefined && line(words.serial, device.model.serial),
      line(words.print, `${credential.fingerprint} ${words.generation(credential.generation)}`),
      line(words.id, device.device_id),
    ),
    credential.previous_until !== null &&
      h('p', { class: 'soft' }, words.previous(timeOf(credential.previous_until))),
  )
}

function configOf({ config }) {
  const { desired, reported, drift } = config
  if (desired === null) {
    return h('div', null, h('h2', null, words.config), h('p', { class: 'soft' }, words.noConfig))
  }
  return h(
    'div',
    null,
    h('h2', null, words.config),
    h(
      'dl',
      { class: 'card' },
      Object.entries(desired.values).map(([name, value]) =>
        line(words.settings[name] ?? name, words.languages[value] ?? String(value)),
      ),
      line(words.desired, words.version(desired.version)),
      line(
        words.reported,
        reported === null
          ? usual.none
          : `${words.version(reported.version)}, ${words.configState[reported.status]}`,
      ),
    ),
    pill(drift ? 'warn' : 'good', drift ? words.inDrift : words.inStep),
  )
}

const commandTones = { done: 'good', failed: 'bad', expired: 'bad' }
const commandRow = ({ kind, status, by, at, message }) =>
  cells(
    null,
    strong(words.kinds[kind]),
    pill(commandTones[status] ?? 'warn', words.commandState[status]),
    soft(`${timeOf(at)} ${usual.by(by)}`),
    message === '' ? null : soft(words.commandNotes[message] ?? message),
  )

const endTones = { played: 'good', digest: 'warn', silent: 'bad' }
const noticeRow = one =>
  cells(
    `#/transaksi/${one.transaction_id}`,
    money(rupiah(one.amount)),
    pill(
      endTones[one.outcome] ?? 'warn',
      one.outcome === null ? words.commandState.queued : payments.sounds[one.outcome],
    ),
    soft(one.queued_at === null ? usual.none : timeOf(one.queued_at)),
    one.ended_at === null ? null : soft(secondOf(one.ended_at)),
  )

const messageRow = ({ at, direction, topic, payload }) =>
  cells(
    null,
    strong(topic.split('/').slice(2).join('/') || topic),
    soft(`${words.directions[direction]} · ${secondOf(at)}`),
    h('code', { class: 'wide' }, typeof payload === 'string' ? payload : JSON.stringify(payload)),
  )

const listed = {
  commands: { row: commandRow, empty: words.noCommands },
  notifications: { row: noticeRow, empty: words.noTold },
  'mqtt-messages': { row: messageRow, empty: words.noMessages },
}
