import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { spec } from '../../engine/spec.ts'
import { device, missedMax, openOrdersMax, queueMax, speakWithinMs } from './device.ts'
import type { DeviceCommand, DeviceEvent, Model, Notice } from './device-contract.ts'

const by = 'ops'
const model: Model = { vendor: 'Laju', name: 'V1', acks: 'played', adapter: 'laju' }
const secretOf = (generation: number, hash = `h${generation}`) => ({
  ...{ generation, salt: `s${generation}`, hash, fingerprint: hash },
})
const merchant = '00000000-0000-7002-8000-0000000000aa'
const place = { merchant, outlet: 'o1', terminal: 't1' }

const provisioned: DeviceEvent = { type: 'provisioned', model, secret: secretOf(1), by }
const bound: DeviceEvent = { type: 'bound', ...place, by }
const noticeOf = (n: number, at = 1_000 + n): Notice => ({
  messageId: `m${n}`,
  payment: `00000000-0000-7002-8000-${n.toString(16).padStart(12, '0')}`,
  ...{ amount: 1_000 * n, text: `pembayaran ${n}`, lang: 'id', at },
})
const told = (...ns: number[]) =>
  ns.map(n => ({ messageId: `m${n}`, payment: noticeOf(n).payment }))
const queued = (n: number, at?: number): DeviceEvent => ({ type: 'queued', ...noticeOf(n, at) })
const queue = (n: number, at?: number) => ({ type: 'queue', ...noticeOf(n, at) }) as const
const acked = (n: number, status: 'played' | 'received' | 'sent' = 'played'): DeviceCommand => ({
  ...{ type: 'acked', messageId: `m${n}`, status },
})
const aged = (why: 'age' | 'full', ...ns: number[]): DeviceEvent => ({
  ...{ type: 'aged', why, notices: told(...ns), kept: true },
})

const box = spec(device)
const given = (...more: (DeviceEvent | number)[]) => box(1_000, provisioned, bound, ...more)
const factsOf = (state: ReturnType<typeof given>['state']) => {
  if (state.phase === 'absent') throw new Error('was never provisioned')
  return state.device
}

test('device: provision: once; the same secret again changes nothing (DVA7)', () => {
  const command = { type: 'provision', model, secret: secretOf(1), by } as const
  box().when(command).happens(provisioned).thenIs('active', 'idle')
  box(provisioned).when(command).thenNothing()
  box(provisioned)
    .when({ ...command, secret: secretOf(1, 'other') })
    .thenRefused('ALREADY_EXISTS')
})

test('device: nothing happens to what was never provisioned (DVA2)', () => {
  const commands: DeviceCommand[] = [
    { type: 'rotate', secret: secretOf(1), graceMs: 0, by },
    { type: 'bind', ...place, by },
    { type: 'retire', reason: 'x', by },
    queue(1),
    acked(1),
    { type: 'age' },
    { type: 'summarize', messageId: 's1' },
    { type: 'proved' },
    { type: 'configAcked', version: 1, status: 'applied' },
    { type: 'commandSent', id: 'c' },
    { type: 'unsaid', messageId: 's' },
    { type: 'commandAcked', id: 'c', status: 'done', message: '' },
    { type: 'expire' },
  ]
  for (const command of commands) box().when(command).thenRefused('NOT_FOUND')
})

test('device: rotate: the old secret ends at once, or when its grace is over (DVA7)', () => {
  const rotate = { type: 'rotate', secret: secretOf(1, 'new'), by } as const
  const secret = { ...rotate.secret, generation: 2 }
  const rotated = { type: 'rotated', secret, by } as const
  given(5_000)
    .when({ ...rotate, graceMs: 0 })
    .happens({ ...rotated, previousUntil: null })
  given(5_000)
    .when({ ...rotate, graceMs: 60_000 })
    .happens({ ...rotated, previousUntil: 65_000 })

  const atOnce = given({ ...rotated, previousUntil: null }).state
  deepEqual(factsOf(atOnce).credential, secret)
  const gracious = given({ ...rotated, previousUntil: 65_000 }).state
  const previous = { ...secretOf(1), until: 65_000 }
  deepEqual(factsOf(gracious).credential, { ...secret, previous })
  const third = { ...secretOf(3), generation: 3 }
  const twice = given(
    { ...rotated, previousUntil: 65_000 },
    { type: 'rotated', secret: third, previousUntil: 70_000, by },
  ).state
  deepEqual(factsOf(twice).credential.previous, { ...secret, until: 70_000 })
  given({ ...rotated, previousUntil: null })
    .when({ ...rotate, graceMs: 0 })
    .thenNothing()
})

test('device: rotate again: a secret that was given time keeps it (DVA10)', () => {
  const second = { type: 'rotated', secret: secretOf(2), previousUntil: 65_000, by } as const
  const wish = { type: 'rotate', secret: secretOf(1, 'third'), graceMs: 60_000, by } as const
  const third = { type: 'rotated', secret: { ...wish.secret, generation: 3 } } as const
  given(second)
    .when(wish, 20_000)
    .happens({ ...third, previousUntil: 80_000, keeps: true, by })
  given(second)
    .when(wish, 65_000)
    .happens({ ...third, previousUntil: 125_000, by })
  given(second)
    .when({ ...wish, graceMs: 0 }, 20_000)
    .happens({ ...third, previousUntil: null, by })
  const { credential } = factsOf(
    given(second, { ...third, previousUntil: 80_000, keeps: true, by }).state,
  )
  deepEqual(credential.previous, { ...secretOf(2), until: 80_000 })
  deepEqual(credential.earlier, [{ ...secretOf(1), until: 65_000 }])
  const ended = given(
    second,
    { ...third, previousUntil: 80_000, keeps: true, by },
    { type: 'rotated', secret: secretOf(4), previousUntil: null, by },
  ).state
  deepEqual(factsOf(ended).credential, secretOf(4))
})

test('device: queue: kept once, however often it comes, also after it was played (DVA1)', () => {
  given().when(queue(1), 2_000).happens(queued(1)).thenIs('active', 'machine').thenOwes()
  given(queued(1)).when(queue(1)).thenNothing()
  given(queued(1), { type: 'acked', ...told(1)[0]!, status: 'played' })
    .when(queue(1))
    .thenNothing()
})

test('device: queue: five hundred later messages on, an id is still known (DVA1)', () => {
  const events: DeviceEvent[] = []
  for (let n = 1; n <= 501; n++) {
    events.push(queued(n), { type: 'acked', ...told(n)[0]!, status: 'played' })
  }
  given(...events)
    .when(queue(2), 2_000)
    .thenNothing()
  given(...events)
    .when(queue(1), 2_000)
    .happensIn('queued')
})

test('device: queue: by time of payment, whatever came first (DVA1)', () => {
  const { state } = given(queued(1, 2_000), queued(2, 1_500), queued(3, 2_000))
  deepEqual(
    factsOf(state).queue.map(one => one.messageId),
    ['m2', 'm1', 'm3'],
  )
})

test('device: queue: only for the merchant at whose counter it stands (DVA5)', () => {
  box(provisioned).when(queue(1)).thenRefused('DEVICE_UNBOUND')
  const elsewhere = { ...queue(1), merchant: '00000000-0000-7002-8000-0000000000bb' }
  given().when(elsewhere).thenRefused('DEVICE_UNBOUND')
  given()
    .when({ ...elsewhere, merchant }, 2_000)
    .happensIn('queued')
  given({ type: 'blocked', reason: 'stolen', by }).when(queue(1)).thenRefused('DEVICE_BLOCKED')
  given({ type: 'retired', reason: 'broken', by }).when(queue(1)).thenRefused('DEVICE_RETIRED')
})

test('device: acked: played is proved once; a stranger’s id changes nothing (DVA2)', () => {
  given(queued(1), queued(2))
    .when(acked(1), 3_000)
    .happens({ type: 'acked', ...told(1)[0]!, status: 'played' })
    .thenOwes('prove')
  const event = { type: 'acked', ...told(1)[0]!, status: 'played' } as const
  deepEqual(device.react.acked?.(given().state, event, 3_000), [
    {
      ...{ type: 'prove', target: 'payments', ...told(1)[0]!, outcome: 'played' },
      ...{ at: 3_000, why: 'played' },
    },
  ])
  given(queued(1), event).when(acked(1)).thenNothing()
  given(queued(1)).when(acked(9)).thenNothing()
})

test('device: acked: what was only received is not played, where a box can say so (DVA2)', () => {
  given(queued(1)).when(acked(1, 'received')).thenNothing()
  const modest: DeviceEvent = { ...provisioned, model: { ...model, acks: 'received' } }
  box(modest, bound, queued(1)).when(acked(1, 'received')).happensIn('acked').thenOwes('prove')
})

test('device: age: what is too old goes to the digest and is never spoken (DVA3)', () => {
  const end = 1_001 + speakWithinMs
  const ring = { type: 'age' } as const
  given(queued(1), queued(2)).is('active', 'machine', { at: end, command: ring })
  given(queued(1))
    .when(ring, end - 1)
    .thenNothing()
  given(queued(1), queued(2)).when(ring, end).happens(aged('age', 1)).thenOwes('prove')
  const { state } = given(queued(1), queued(2), end, aged('age', 1))
  deepEqual(factsOf(state).digest, { count: 1, total: 1_000, since: end })
  given(queued(1), end, aged('age', 1)).is('active', 'idle').when(acked(1)).thenNothing()
})

test('device: queue: what comes too late goes straight to the digest (DVA3)', () => {
  given()
    .when(queue(1), 1_001 + speakWithinMs)
    .happens(queued(1), aged('age', 1))
    .thenOwes('prove')
})

test('device: queue: over the bound the oldest makes room (DVA4)', () => {
  const full = Array.from({ length: queueMax }, (_, n) => queued(n + 1))
  given(...full)
    .when(queue(queueMax + 1), 3_000)
    .happens(queued(queueMax + 1), aged('full', 1))
    .thenOwes('prove')
})

test('device: bind, unbind, block, retire: what it had to say is silent (DVA5)', () => {
  const there = { ...place, terminal: 't2' }
  const unbound = { type: 'dropped', why: 'unbound', notices: told(1, 2) } as const
  const waiting = given(queued(1), queued(2))
  waiting
    .when({ type: 'bind', ...there, by })
    .happens(unbound, { type: 'bound', ...there, by })
    .thenOwes('prove', 'prove')
  waiting.when({ type: 'unbind', by }).happens(unbound, { type: 'unbound', by })
  waiting
    .when({ type: 'block', reason: 'stolen', by })
    .happens({ ...unbound, why: 'blocked' }, { type: 'blocked', reason: 'stolen', by })
    .thenIs('blocked', 'idle')
  waiting
    .when({ type: 'retire', reason: 'broken', by })
    .happens({ ...unbound, why: 'retired' }, { type: 'retired', reason: 'broken', by })
    .thenIs('retired', 'final')
  waiting.when({ type: 'bind', ...place, by }).thenNothing()
  const effects = device.react.dropped?.(waiting.state, unbound, 9) ?? []
  deepEqual(
    effects.map(one => [one.messageId, one.outcome, one.why]),
    [
      ['m1', 'silent', 'unbound'],
      ['m2', 'silent', 'unbound'],
    ],
  )
})

test('device: unbind: a digest of another counter is forgotten as well (DVA5)', () => {
  // Of a journal that did not say whose they were.
  const counted: DeviceEvent = { type: 'aged', why: 'age', notices: told(1) }
  given(queued(1), counted)
    .when({ type: 'unbind', by })
    .happens({ type: 'dropped', why: 'unbound', notices: [] }, { type: 'unbound', by })
    .thenOwes()
  given().when({ type: 'unbind', by }).happens({ type: 'unbound', by })
  box(provisioned).when({ type: 'unbind', by }).thenNothing()
})

test('device: what waits in a digest when its box is taken away: silent (DVA11)', () => {
  const summarized: DeviceEvent = { type: 'summarized', messageId: 's1' }
  const acknowledged: DeviceEvent = { type: 'summary_acked', messageId: 's1' }
  const both = [queued(1), aged('age', 1), summarized, queued(2), aged('age', 2), queued(3)]
  const missed = told(1, 2)
  const dropped = { type: 'dropped', why: 'blocked', notices: told(3), missed } as const
  const block = { type: 'block', reason: 'stolen', by } as const
  given(...both)
    .when(block)
    .happens(dropped, { type: 'blocked', reason: 'stolen', by })
    .thenOwes('prove', 'prove', 'prove')
  const effects = device.react.dropped?.(given(...both).state, dropped, 9) ?? []
  deepEqual(
    effects.map(one => [one.messageId, one.outcome, one.why]),
    [3, 1, 2].map(n => [`m${n}`, 'silent', 'blocked']),
  )
  // What the box has of it is told.
  given(...both, acknowledged)
    .when(block)
    .happens({ ...dropped, missed: told(2) }, { type: 'blocked', reason: 'stolen', by })
  given(...both, dropped)
    .when({ type: 'unbind', by })
    .happens({ type: 'unbound', by })
  const many = Array.from({ length: missedMax + 1 }, (_, n) => [queued(n), aged('full', n)]).flat()
  const { missed: kept = [] } = factsOf(given(...many).state)
  equal(kept.length, missedMax)
  equal(kept[0]!.messageId, 'm1')
})

test('device: a digest for which its firmware has no word: silent, and over (DVA12)', () => {
  const first = [queued(1), queued(2), aged('age', 1, 2), { type: 'summarized', messageId: 's1' }]
  const events = [...(first as DeviceEvent[]), queued(3), aged('age', 3)]
  const unsaid = { type: 'summary_acked', messageId: 's1', unsaid: told(1, 2) } as const
  given(...events)
    .when({ type: 'unsaid', messageId: 's1' })
    .happens(unsaid)
    .thenOwes('prove', 'prove')
  given(...events, unsaid)
    .when({ type: 'unsaid', messageId: 's1' })
    .thenNothing()
  given(...events)
    .when({ type: 'unsaid', messageId: 'm3' })
    .thenNothing()
  const { summary, telling, missed } = factsOf(given(...events, unsaid).state)
  deepEqual([summary, telling, missed], [null, [], told(3)])
  const effects = device.react.summary_acked?.(given(...events).state, unsaid, 9) ?? []
  deepEqual(
    effects.map(one => [one.messageId, one.outcome, one.why]),
    [1, 2].map(n => [`m${n}`, 'silent', 'no_word']),
  )
  // Of a journal that did not say whose they were.
  const counted: DeviceEvent = { type: 'aged', why: 'age', notices: told(1) }
  given(queued(1), counted, { type: 'summarized', messageId: 's1' })
    .when({ type: 'unsaid', messageId: 's1' })
    .happens({ type: 'summary_acked', messageId: 's1' })
    .thenOwes()
})

test('device: block: it takes nothing until it is let in again (DVA5)', () => {
  const blocked = { type: 'blocked', reason: 'stolen', by } as const
  given(blocked).when({ type: 'block', reason: 'again', by }).thenNothing()
  given(blocked)
    .when({ type: 'bind', ...place, terminal: 't2', by })
    .thenRefused('DEVICE_BLOCKED')
  given(blocked).when({ type: 'summarize', messageId: 's' }).thenRefused('DEVICE_BLOCKED')
  given(blocked).when({ type: 'unblock', by }).happens({ type: 'unblocked', by })
  given().when({ type: 'unblock', by }).thenNothing()
  const retired = { type: 'retired', reason: 'broken', by } as const
  given(retired).when({ type: 'unblock', by }).thenRefused('DEVICE_RETIRED')
  given(retired).when({ type: 'retire', reason: 'again', by }).thenNothing()
})

test('device: summarize: what ages while a digest is told begins a new one (DVA6)', () => {
  const summarized: DeviceEvent = { type: 'summarized', messageId: 's1' }
  const first = [queued(1), queued(2), aged('age', 1, 2), 9_000, summarized]
  given(queued(1), aged('age', 1)).when({ type: 'summarize', messageId: 's1' }).happens(summarized)
  given().when({ type: 'summarize', messageId: 's1' }).thenNothing()
  const { state } = given(...first, queued(3), aged('age', 3))
  deepEqual(factsOf(state).summary, {
    ...{ count: 2, total: 3_000, since: 1_000, messageId: 's1', at: 9_000 },
  })
  deepEqual(factsOf(state).digest, { count: 1, total: 3_000, since: 9_000 })
  given(...first, queued(3), aged('age', 3))
    .when({ type: 'summarize', messageId: 's2' })
    .thenNothing()
  given(...first)
    .when({ type: 'acked', messageId: 's1', status: 'received' })
    .happens({ type: 'summary_acked', messageId: 's1' })
    .thenOwes()
  // A box that knows the id would not look at another digest under it.
  const acknowledged: DeviceEvent = { type: 'summary_acked', messageId: 's1' }
  const second = given(...first, acknowledged, queued(3), aged('age', 3))
  second.when({ type: 'summarize', messageId: 's1' }).thenNothing()
  second.when({ type: 'summarize', messageId: 's2' }).happensIn('summarized')
})

test('device: configure: versions count up, a stale hand is refused (DVA8)', () => {
  const configure = { type: 'configure', values: { volume: 70, night: null }, by } as const
  const configured = { type: 'configured', version: 1, values: { volume: 70 }, by } as const
  given().when(configure).happens(configured)
  given(configured).when(configure).thenNothing()
  given(configured)
    .when({ ...configure, values: { lang: 'jv' }, version: 1 })
    .happens({ ...configured, version: 2, values: { volume: 70, lang: 'jv' } })
  given(configured)
    .when({ ...configure, values: { volume: null } })
    .happens({ ...configured, version: 2, values: {} })
  given(configured)
    .when({ ...configure, values: { lang: 'jv' }, version: 0 })
    .thenRefused('STALE_VERSION', { version: 1 })
  const two = { ...configured, values: { volume: 70, lang: 'id' } }
  given(two)
    .when({ ...configure, values: { lang: 'jv' } })
    .happens({ ...two, version: 2, values: { volume: 70, lang: 'jv' } })
  const most = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`k${n}`, n]))
  given()
    .when({ ...configure, values: most })
    .happensIn('configured')
  const many = Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`k${n}`, n]))
  given()
    .when({ ...configure, values: many })
    .thenRefused('CONFIG_LIMIT')
})

test('device: configAcked: an older version than the one reported changes nothing (DVA8)', () => {
  const values = { volume: 70 }
  const two = [1, 2].map(version => ({ type: 'configured', version, values, by }) as const)
  const reported = { type: 'config_reported', version: 2, status: 'applied' } as const
  const ack = { type: 'configAcked', version: 2, status: 'applied' } as const
  given(...two)
    .when(ack)
    .happens(reported)
  given(...two, reported)
    .when(ack)
    .thenNothing()
  given(...two, reported)
    .when({ ...ack, version: 1 })
    .thenNothing()
  given(...two, reported)
    .when({ ...ack, status: 'rejected' })
    .happens({ ...reported, status: 'rejected' })
  given(...two)
    .when({ ...ack, version: 3 })
    .thenRefused('STALE_VERSION')
})

const orderOf = (id: string, expiresAt = 60_000) =>
  ({ id, kind: 'volume', args: { level: 50 }, expiresAt, by }) as const
const commanded = (id: string, expiresAt?: number): DeviceEvent => ({
  ...{ type: 'commanded', ...orderOf(id, expiresAt) },
})

test('device: command: sent, then done or failed, once (DVA9)', () => {
  given()
    .when({ type: 'command', ...orderOf('c1') })
    .happens(commanded('c1'))
  given(commanded('c1'))
    .when({ type: 'command', ...orderOf('c1') })
    .thenNothing()
  const sent: DeviceEvent = { type: 'command_sent', id: 'c1' }
  given(commanded('c1')).when({ type: 'commandSent', id: 'c1' }).happens(sent)
  given(commanded('c1'), sent).when({ type: 'commandSent', id: 'c1' }).thenNothing()
  given(commanded('c1')).when({ type: 'commandSent', id: 'c2' }).thenNothing()
  const ended = { type: 'command_ended', id: 'c1', status: 'failed', message: 'no' } as const
  const ack = { type: 'commandAcked', id: 'c1', status: 'failed', message: 'no' } as const
  given(commanded('c1'), sent).when(ack).happens(ended)
  given(commanded('c1'), sent, ended)
    .when({ ...ack, status: 'done' })
    .thenNothing()
  const facts = factsOf(given(commanded('c1'), sent, 5_000, ended).state)
  deepEqual(
    facts.orders.map(one => [one.status, one.endedAt, one.message]),
    [['failed', 5_000, 'no']],
  )
})

test('device: expire: a command that is late is not carried out any more (DVA9)', () => {
  const events = [commanded('c1', 60_000), commanded('c2', 90_000)]
  given(...events).is('active', 'machine', { at: 60_000, command: { type: 'expire' } })
  given(...events)
    .when({ type: 'expire' }, 60_000)
    .happens({ type: 'commands_expired', ids: ['c1'] })
  given(...events)
    .when({ type: 'expire' }, 59_999)
    .thenNothing()
  const over: DeviceEvent = { type: 'commands_expired', ids: ['c1', 'c2'] }
  given(...events, over)
    .is('active', 'idle')
    .when({ type: 'commandAcked', id: 'c1', status: 'done', message: '' })
    .thenNothing()
})

test('device: command: twenty may wait, and fifty are remembered (DVA9)', () => {
  const open = Array.from({ length: openOrdersMax }, (_, n) => commanded(`c${n}`))
  given(...open)
    .when({ type: 'command', ...orderOf('one more') })
    .thenRefused('COMMAND_LIMIT')
  const events: DeviceEvent[] = [commanded('open')]
  for (let n = 0; n < 60; n++) {
    events.push(commanded(`d${n}`))
    events.push({ type: 'command_ended', id: `d${n}`, status: 'done', message: '' })
  }
  const { orders } = factsOf(given(...events).state)
  equal(orders.length, 50)
  equal(orders[0]?.id, 'open')
  equal(orders.at(-1)?.id, 'd59')
})

test('device: effects: a proof may be told again (DVA2)', () => {
  deepEqual(device.resume, { prove: 'repeat' })
})
