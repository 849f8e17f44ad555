import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { ack, commandAck, commandArgs, configAck, configPatch, heartbeat } from './device-words.ts'

test('device words: heartbeat: a bad value is left out, the rest counts (DVH1)', () => {
  deepEqual(heartbeat.parse({ network_strength: '71', battery_level: 300, firmware: 'v2' }), {
    ...{ network_strength: 71, battery_level: undefined, firmware: 'v2' },
  })
  deepEqual(heartbeat.parse({ battery_level: 12.6 }), { battery_level: 13 })
  equal(heartbeat.safeParse('beat').success, false)
})

test('device words: acknowledgements: without a status they say the best (DVH2)', () => {
  equal(ack.parse({ message_id: 'm' }).status, 'played')
  equal(configAck.parse({ version: 3 }).status, 'applied')
  equal(commandAck.parse({ command_id: 'c' }).status, 'done')
  equal(ack.safeParse({ message_id: 'm', status: 'eaten' }).success, false)
  equal(ack.safeParse({ message_id: 'x'.repeat(101) }).success, false)
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
})
