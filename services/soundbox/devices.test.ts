import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { DeviceFacts } from '../../actors/device/device-contract.ts'
import { type Card, cardOf, Devices } from './devices.ts'

const facts: DeviceFacts = {
  model: { vendor: 'Laju', name: 'V1', acks: 'played', adapter: 'laju' },
  credential: { generation: 1, salt: 's', hash: 'h', fingerprint: 'f' },
  ...{ binding: null, config: { desired: null, reported: null }, orders: [] },
  ...{ queue: [], digest: null, summary: null, recent: 'abc', since: 1 },
}
const cardAt = (id: string, seq: number, terminal: string | null, since = seq): Card => {
  const binding = terminal === null ? null : { merchant: 'm', outlet: 'o', terminal, since }
  return cardOf(id, seq, { phase: 'active', device: { ...facts, binding } })!
}

test('devices: card: what it has to say stays with the actor (DVD1)', () => {
  const card = cardOf('a', 7, { phase: 'blocked', device: facts, reason: 'stolen' })
  deepEqual([card?.status, card?.reason, card?.waiting], ['blocked', 'stolen', 0])
  equal(JSON.stringify(card).includes('abc'), false)
  equal(cardOf('a', 7, { phase: 'absent' }), null)
})

test('devices: put: an older card replaces no newer one (DVD1)', () => {
  const devices = new Devices()
  devices.put(cardAt('a', 5, 't1'))
  devices.put(cardAt('a', 4, 't2'))
  equal(devices.get('a')?.seq, 5)
  equal(devices.at('t1')?.id, 'a')
  equal(devices.at('t2'), undefined)
  equal(devices.size, 1)
})

test('devices: at: whoever was bound there last, until he leaves (DVD2)', () => {
  const devices = new Devices()
  devices.put(cardAt('a', 1, 't1', 10))
  devices.put(cardAt('b', 1, 't1', 20))
  equal(devices.at('t1')?.id, 'b')
  devices.put(cardAt('a', 2, null))
  equal(devices.at('t1')?.id, 'b')
  devices.put(cardAt('b', 2, 't2', 30))
  equal(devices.at('t1'), undefined)
  equal(devices.at('t2')?.id, 'b')
})

test('devices: at: of two that come in any order, the one bound later (DVD2)', () => {
  const devices = new Devices()
  devices.put(cardAt('b', 1, 't1', 20))
  devices.put(cardAt('a', 1, 't1', 10))
  equal(devices.at('t1')?.id, 'b')
})

test('devices: named: by serial number, as long as one living box has it (DVD3)', () => {
  const devices = new Devices()
  const serial = (card: Card): Card => ({ ...card, model: { ...card.model, serial: 'SN1' } })
  devices.put(serial(cardAt('a', 1, null)))
  equal(devices.named('SN1')?.id, 'a')
  equal(devices.named('a')?.id, 'a')
  devices.put(serial(cardAt('b', 1, null)))
  equal(devices.named('SN1'), undefined)
  devices.put(serial({ ...cardAt('a', 2, null), status: 'retired' }))
  equal(devices.named('SN1')?.id, 'b')
  equal(devices.named('SN2'), undefined)
})
