import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import {
  ack,
  commandAck,
  commandArgs,
  configAck,
  configPatch,
  heartbeatOf,
} from './device-words.ts'

test('device words: heartbeat: a bad value is left out, the rest counts (DVH1)', () => {
  const nothing = { battery: undefined, signal: undefined, firmware: undefined }
  deepEqual(heartbeatOf({ network_strength: '71', battery_level: 300, firmware: 'v2' }), {
    ...{ signal: 71, battery: undefined, firmware: 'v2' },
  })
  deepEqual(heartbeatOf({ battery_level: 12.6 }), { ...nothing, battery: 13 })
  deepEqual(heartbeatOf({}), nothing)
  for (const bad of [-1, 100.1, '101', '1e1', ' 7', '', Number.NaN, true, null, [50], {}]) {
    const said = { battery_level: bad, network_strength: bad, firmware: 'x'.repeat(61) }
    deepEqual(heartbeatOf(said), nothing, String(bad))
  }
  for (const whole of ['beat', 7, null, [], true]) equal(heartbeatOf(whole), null)
})

test('device words: acknowledgements: without a status they say the best (DVH2)', () => {
  equal(ack.parse({ message_id: 'm' }).status, 'played')
  equal(configAck.parse({ version: 3 }).status, 'applied')
  equal(commandAck.parse({ command_id: 'c' }).status, 'done')
  equal(ack.safeParse({ message_id: 'm', status: 'eaten' }).success, false)
  equal(ack.safeParse({ message_id: 'x'.repeat(101) }).success, false)
})

test('device words: what no journal keeps is left out, what is too long is cut (DVH4)', () => {
  equal(heartbeatOf({ firmware: 'v\0 2\udc00' })?.firmware, 'v 2\ufffd')
  equal(ack.parse({ message_id: 'm\0\ud800' }).message_id, 'm\ufffd')
  equal(ack.safeParse({ message_id: '\0' }).success, false)
  const told = (message: unknown) => commandAck.parse({ command_id: 'c', message }).message
  equal(told('fa\0iled \ud800'), 'failed \ufffd')
  equal(told('x'.repeat(201)), 'x'.repeat(200))
  equal(told(`${'x'.repeat(199)}\u{1f600}`), `${'x'.repeat(199)}\ufffd`)
  equal(told({ code: 7 }), '')
  equal(commandAck.parse({ command_id: 'c' }).message, '')
})

test('device words: a version is a number, or written as one (DVH1)', () => {
  equal(configAck.parse({ version: '3' }).version, 3)
  for (const version of ['', '0', 'v3', '3.5', '-1', ' 3', '9'.repeat(16), 0, 3.5, null]) {
    equal(configAck.safeParse({ version }).success, false, String(version))
  }
})

test('device words: commands: the arguments of their kind, and no others (DVH3)', () => {
  const sha256 = 'a'.repeat(64)
  deepEqual(commandArgs('volume', { level: 40 }), { level: 40 })
  deepEqual(commandArgs('ota', { url: 'https://x.id/fw.bin', sha256 }), {
    ...{ url: 'https://x.id/fw.bin', sha256 },
  })
  deepEqual(commandArgs('play_test', {}), {})
  for (const [kind, args] of [
    ['volume', { level: 101 }],
    ['volume', {}],
    ['reboot', { now: true }],
    ['ota', { url: 'https://x.id/fw.bin' }],
    ['ota', { url: 'file:///etc/passwd', sha256 }],
    ['language', { lang: 'Indonesia' }],
  ] as const) {
    equal(commandArgs(kind, args), null)
  }
})

test('device words: configuration: known names have bounds, strange ones a shape (DVH3)', () => {
  equal(configPatch.safeParse({ volume: 70, night_mode: true, gone: null }).success, true)
  for (const patch of [{}, { volume: 900 }, { version: 2 }, { 'A b': 1 }, { heartbeat_s: 1 }]) {
    equal(configPatch.safeParse(patch).success, false)
  }
  const { error } = configPatch.safeParse({ volume: '70', heartbeat_s: 1, language: 'id' })
  deepEqual(
    error?.issues.map(({ path }) => path),
    [['volume'], ['heartbeat_s']],
  )
})
