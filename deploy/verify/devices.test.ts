import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Body, Event, Line } from './chain.ts'
import { Device, readDevice } from './devices.ts'
import { Problems } from './problems.ts'

const told = (...ids: string[]) => ids.map(messageId => ({ messageId, payment: `p${messageId}` }))
const provisioned = { type: 'provisioned', secret: { generation: 1 } }
const bound = { type: 'bound' }
const queued = (messageId: string, at = 0) => ({
  ...{ type: 'queued', at, ...told(messageId)[0] },
})
const acked = (messageId: string) => ({ type: 'acked', ...told(messageId)[0] })
const usual = [provisioned, bound]

/** What is wrong, event by event; a number is the time from there on. */
function wrongIn(...events: readonly (Event | number)[]): { names: string[]; device: Device } {
  const problems = new Problems()
  const device = new Device()
  let at = 0
  for (const [seq, event] of events.entries()) {
    if (typeof event === 'number') at = event
    else {
      const body = { id: 'box', at, e: [event] } as unknown as Body
      readDevice(device, { shard: 1, seq } as Line, body, problems)
    }
  }
  return { names: problems.kept.map(({ name }) => name), device }
}
const namesIn = (...events: readonly (Event | number)[]): string[] => wrongIn(...events).names

test('verify devices: queued, then acknowledged, aged or dropped: sound (Z34, Z35)', () => {
  const aged = { type: 'aged', why: 'age', notices: told('b') }
  const dropped = { type: 'dropped', notices: told('c') }
  const events = [...usual, queued('a'), queued('b'), acked('a'), 55_000, aged, queued('c', 55_000)]
  const told2 = [{ type: 'summarized' }, { type: 'summary_acked' }]
  deepEqual(namesIn(...events, ...told2, dropped, { type: 'unbound' }), [])
})

test('verify devices: a message that comes or ends twice: told (Z34)', () => {
  deepEqual(namesIn(...usual, queued('a'), queued('a')), ['device.queued'])
  deepEqual(namesIn(...usual, queued('a'), acked('a'), acked('a')), ['device.ended'])
  const other = { type: 'acked', messageId: 'a', payment: 'px' }
  deepEqual(namesIn(...usual, queued('a'), other), ['device.ended'])
})

test('verify devices: who leaves his counter with messages left: told (Z34)', () => {
  for (const type of ['unbound', 'bound', 'blocked', 'retired']) {
    deepEqual(namesIn(...usual, queued('a'), { type }), ['device.ended'])
  }
  deepEqual(namesIn(provisioned, queued('a')), ['device.queued'])
  deepEqual(namesIn(...usual, { type: 'blocked' }, queued('a')), ['device.queued'])
})

test('verify devices: what ages too soon, and a digest of nothing: told (Z35)', () => {
  const aged = { type: 'aged', why: 'age', notices: told('a') }
  deepEqual(namesIn(...usual, queued('a'), 54_999, aged), ['device.ended'])
  deepEqual(namesIn(...usual, queued('a'), 0, { ...aged, why: 'full' }), ['device.ended'])
  deepEqual(namesIn(...usual, { type: 'summarized' }), ['device.digest'])
  deepEqual(namesIn(...usual, { type: 'summary_acked' }), ['device.digest'])
  const dropped = { type: 'dropped', why: 'unbound', notices: [], missed: told('a') }
  const kept = [...usual, queued('a'), 55_000, { ...aged, kept: true }]
  const summary = [{ type: 'summarized' }, { type: 'summary_acked' }]
  deepEqual(namesIn(...kept, dropped), [])
  deepEqual(namesIn(...kept, summary[0]!, dropped), [])
  deepEqual(namesIn(...kept, ...summary, dropped), ['device.digest'])
  const unsaid = { ...summary[1]!, unsaid: told('a') }
  deepEqual(namesIn(...kept, summary[0]!, unsaid), [])
  deepEqual(namesIn(...kept, summary[0]!, { ...unsaid, unsaid: told('b') }), ['device.digest'])
  deepEqual(namesIn(...usual, queued('a'), 55_000, aged, dropped), ['device.digest'])
})

test('verify devices: secrets, commands and strange words: told (Z36)', () => {
  const rotated = { type: 'rotated', secret: { generation: 2 } }
  deepEqual(namesIn(provisioned, rotated), [])
  deepEqual(namesIn(provisioned, rotated, rotated), ['device.secret'])
  deepEqual(namesIn(provisioned, provisioned), ['device.event'])
  deepEqual(namesIn(bound), ['device.event'])
  deepEqual(namesIn(provisioned, { type: 'exploded' }), ['device.event'])
  const ended = { type: 'command_ended', id: 'c' }
  deepEqual(namesIn(provisioned, { type: 'commanded', id: 'c' }, ended, ended), ['device.event'])
})

test('verify devices: alive until it is retired and nothing is open (Z36)', () => {
  equal(wrongIn().device.isLive, false)
  equal(wrongIn(provisioned).device.isLive, true)
  const retired = [provisioned, { type: 'commanded', id: 'c' }, { type: 'retired' }]
  equal(wrongIn(...retired).device.isLive, true)
  equal(wrongIn(...retired, { type: 'commands_expired', ids: ['c'] }).device.isLive, false)
})
