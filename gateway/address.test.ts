import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { allowList, allows, forwardedFor, isPrivate, neighbourhood, peerOf } from './address.ts'

const peer = (...bytes: number[]) =>
  peerOf({ getRemoteAddress: () => Uint8Array.from(bytes).buffer })

test('address: a peer on a socket for both families: IPv4 wears its usual dress (GI2)', () => {
  equal(peer(10, 0, 0, 7), '10.0.0.7')
  equal(peer(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 168, 1, 2), '192.168.1.2')
  equal(peer(0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), '2001:db8:0:0:0:0:0:1')
})

test('address: forwarded: counted from the right, past what a client wrote itself (GI1)', () => {
  equal(forwardedFor('1.1.1.1, 2.2.2.2', 1), '2.2.2.2')
  equal(forwardedFor('6.6.6.6, 1.1.1.1, 2.2.2.2', 2), '1.1.1.1')
  equal(forwardedFor('2.2.2.2', 2), null)
  equal(forwardedFor('', 1), null)
  equal(forwardedFor('nonsense', 1), null)
})

test('address: allow list: exact and ranges, both families (GI2)', () => {
  const list = allowList(['10.1.2.3', '192.168.0.0/16', '2001:db8::/32'])
  for (const address of ['10.1.2.3', '192.168.200.1', '2001:db8:1:0:0:0:0:9'])
    equal(allows(list, address), true, address)
  for (const address of ['10.1.2.4', '192.169.0.1', '2001:db9:0:0:0:0:0:1', '', 'x'])
    equal(allows(list, address), false, address)
  equal(allows(allowList([]), '8.8.8.8'), true)
})

test('address: an allow list that can not be read: allows nobody (GI2)', () => {
  for (const entry of ['everyone', '10.0.0.0/33', '10.0.0.0/x', '', '10.0.0.0/'])
    equal(allows(allowList([entry]), '10.0.0.1'), false, entry)
})

test('address: IPv6 neighbours: one household, one allowance (GL3)', () => {
  equal(neighbourhood('2001:db8:0:1:9:9:9:9'), neighbourhood('2001:db8:0:1:0:0:0:1'))
  equal(neighbourhood('10.0.0.1'), '10.0.0.1')
  equal(isPrivate('127.0.0.1'), true)
  equal(isPrivate('8.8.8.8'), false)
})
