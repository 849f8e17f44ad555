import { deepEqual, equal, match, ok, throws } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Adapter, AdapterUnreadable, print, readAdapters } from './adapter.ts'
import { boxId } from './scripted.fixture.ts'

const adapters = readAdapters()
const adapter = (name: string): Adapter => adapters.get(name)!
const everything = () => true
const id = boxId(1)

const payment = {
  message_id: 'm1',
  transaction_id: 't1',
  amount: 50_123,
  currency: 'IDR',
  text: 'lima puluh ribu seratus dua puluh tiga rupiah',
  lang: 'id',
  ts: '2026-01-02T20:04:05.678Z',
}

function said(one: Adapter, names: Readonly<Record<string, string>>, hears = everything) {
  const way = one.wayOf('payment', payment, { names, hears })
  return way === null ? null : [way.topic, JSON.parse(print(way, payment, names).toString())]
}

test('adapter: laju: what is said goes out as it is, on the topics of the box (BRB1)', () => {
  const laju = adapter('laju')
  const names = laju.namesOf(id)!
  deepEqual(said(laju, names), [`devices/${id}/downlink/payment`, payment])
  deepEqual(laju.hear(`devices/${id}/uplink/config/ack`, Buffer.from('{"version":2}'), names), {
    kind: 'config/ack',
    payload: { version: 2 },
  })
  equal(laju.isClientId(id, names), true)
  equal(laju.isClientId(boxId(2), names), false)
})

test('adapter: eg800ak: amounts as text, repeats by our message id, numbers out of text', () => {
  const quectel = adapter('eg800ak')
  const names = quectel.namesOf(id, { serial: '867' })!
  deepEqual(said(quectel, names), [
    'laju/box/sb/867',
    { tx_id: 'm1', amount: '50123', provider: 'qris' },
  ])
  for (const status of ['accepted', 'duplicate', 'ok']) {
    const ack = { type: 'payment_ack', tx_id: 'm1', status }
    deepEqual(quectel.hear('laju/box/867/health', Buffer.from(JSON.stringify(ack)), names), {
      kind: 'ack',
      payload: { message_id: 'm1', status: 'received' },
    })
  }
  for (const topic of ['laju/box/867/health', 'laju/box/sb/867/health', 'laju/box/867/ack']) {
    const done = { type: 'cmd_ack', request_id: 'c1', cmd: 'set_volume', status: 'ok' }
    deepEqual(quectel.hear(topic, Buffer.from(JSON.stringify(done)), names), {
      kind: 'command/ack',
      payload: { command_id: 'c1', status: 'done' },
    })
  }
  deepEqual(
    ['device-867', '867', 'device-868'].map(one => quectel.isClientId(one, names)),
    [true, true, false],
  )
  const health = {
    soundboxSerial: '867',
    healthParams: { networkStrength: '71', batteryLevel: '80', powerConnected: true },
  }
  deepEqual(quectel.hear('laju/box/867/health', Buffer.from(JSON.stringify(health)), names), {
    kind: 'heartbeat',
    payload: { network_strength: 71, battery_level: 80 },
  })
  const command = { command_id: 'c1', type: 'volume', args: { level: 40 } }
  const way = quectel.wayOf('command', command, { names, hears: everything })!
  deepEqual(
    [way.topic, JSON.parse(print(way, command, names).toString())],
    ['laju/box/sb/867/cmd', { cmd: 'set_volume', request_id: 'c1', volume: 40 }],
  )
  const ota = { ...command, type: 'ota' }
  equal(quectel.wayOf('command', ota, { names, hears: everything }), null)
  ok(quectel.maySubscribe('laju/box/sb/867/cmd', names))
  equal(quectel.maySubscribe('laju/box/sb/868', names), false)
  equal(quectel.mayPublish('laju/box/868/health', names), false)
})

test('adapter: morefun: on the topic that the box chose, with the time as it shows it', () => {
  const morefun = adapter('morefun')
  const names = morefun.namesOf(id, { serial: 'SN1' })!
  const body = {
    ...{ broadcast_type: '10', ttstext: payment.text, money: '50123' },
    ...{ request_id: 'm1', datetime: '20260103030405', ctime: 1_767_384_245 },
  }
  deepEqual(said(morefun, names), ['/ota/SN1/update', body])
  const known = morefun.namesOf(id, { serial: 'SN1', product: 'P1' })!
  deepEqual(
    said(morefun, known, () => true),
    ['/ota/P1/SN1/update', body],
  )
  const heard = (topic: string) => topic === '/ota/SN1/update'
  equal(morefun.wayOf('payment', payment, { names: known, hears: heard })?.topic, '/ota/SN1/update')
  ok(morefun.mayPublish('/ota/device/connection/SN1/state ', names), 'with its blank')
  equal(morefun.mayPublish('/ota/device/connection/SN2/state', names), false)
  equal(morefun.isMute('summary'), true)
  // A QR is shown, and its amount not said as if it were paid.
  const qr = { request_id: 'r1', transaction_id: 't1', amount: 5_000, qr_string: '00020101' }
  const shown = morefun.wayOf('dynamic-qr/response', qr, { names, hears: everything })!
  deepEqual(JSON.parse(print(shown, qr, names).toString()), {
    ...{ money: '5000', request_id: 'r1', order_sn: '00020101', qr: '00020101' },
  })
  const test = { command_id: 'c1', type: 'play_test', args: {} }
  const tried = morefun.wayOf('command', test, { names, hears: everything })!
  deepEqual(JSON.parse(print(tried, test, names).toString()), {
    ...{ broadcast_type: '10', ttstext: 'Tes suara', money: '1', request_id: 'c1' },
  })
})

test('adapter: what a firmware can say of a payment, and what it can be told', () => {
  const best = ['laju', 'eg800ak', 'morefun'].map(name => adapter(name).acks)
  deepEqual(best, ['played', 'received', 'none'])
  const known = (name: string) =>
    ['reboot', 'volume', 'language', 'play_test', 'ota'].filter(type =>
      adapter(name).knows('command', { type }),
    )
  equal(known('laju').length, 5)
  deepEqual(known('eg800ak'), ['volume', 'play_test'])
  deepEqual(known('morefun'), ['play_test'])
  deepEqual(
    [adapter('eg800ak').knows('summary', {}), adapter('eg800ak').knows('config', {})],
    [true, false],
  )
})

test('adapter: a name that reaches across levels fills nothing (BRB1)', () => {
  for (const serial of ['', 'a/b', '+', '#', 'a b', 'x'.repeat(65), '\0'])
    equal(adapter('eg800ak').namesOf(id, { serial }), null, serial)
  const nameless = adapter('eg800ak').namesOf(id)!
  equal(adapter('eg800ak').mayPublish('laju/box/{serial}/health', nameless), false)
  equal(adapter('eg800ak').maySubscribe('laju/box/sb/', nameless), false)
})

test('adapter: payloads that fit no rule, or are no JSON: nothing, never a guess (BRB2, BRB3)', () => {
  const quectel = adapter('eg800ak')
  const names = quectel.namesOf(id, { serial: '867' })!
  const hear = (text: string) => quectel.hear('laju/box/867/ack', Buffer.from(text), names)
  for (const text of ['', 'null', '{', '[]', '{"type":"other"}', '\xff\xfe'])
    equal(hear(text), null)
  deepEqual(hear('{"type":"payment_ack"}'), { kind: 'ack', payload: { status: 'received' } })
  deepEqual(hear('{"type":"cmd_ack","request_id":"c","status":"constructor"}'), {
    kind: 'command/ack',
    payload: { command_id: 'c' },
  })
  deepEqual(
    quectel.hear(
      'laju/box/867/health',
      Buffer.from('{"healthParams":{"batteryLevel":"?"}}'),
      names,
    ),
    { kind: 'heartbeat', payload: {} },
  )
})

test('adapter: a file that is none: a sentence that names it (BRB4)', t => {
  const folder = mkdtempSync(join(tmpdir(), 'laju-adapters-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'broken.json'), '{"about":"x"}')
  throws(
    () => readAdapters(folder),
    (cause: unknown) => {
      ok(cause instanceof AdapterUnreadable)
      match(cause.message, /^broker\/adapters\/broken\.json can't be read: /)
      return true
    },
  )
})
