import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { speakWithinMs } from '../../actors/device/device.ts'
import { Box, boxId, everything } from './box.fixture.ts'
import { resendMs, resendReceivedMs, speakMarginMs, windowMax } from './post-office.ts'

test('post office: order: in the order of payments, so many under way (DVP1)', async () => {
  const box = new Box()
  await box.connect()
  for (let n = 1; n <= windowMax + 2; n++) box.queue(n)
  deepEqual(box.heard(), ['payment m1', 'payment m2', 'payment m3', 'payment m4'])
  box.ack('m1')
  deepEqual(box.heard(), ['payment m5'])
  box.ack('m3')
  deepEqual(box.heard(), ['payment m6'])
})

test('post office: again: under the same id, until it is acknowledged (DVP2)', async () => {
  const box = new Box()
  await box.connect()
  box.queue(1)
  deepEqual(box.heard(), ['payment m1'])
  await box.after(resendMs - 1)
  deepEqual(box.heard(), [])
  await box.after(1)
  deepEqual(box.heard(), ['payment m1'])
  box.ack('m1')
  await box.after(60_000)
  deepEqual(box.heard(), [])
})

test('post office: again: a box that has it and did not play it yet is given time (DVP2)', async () => {
  const box = new Box()
  await box.connect()
  box.queue(1)
  box.office.received(boxId, 'm1')
  box.heard()
  await box.after(resendReceivedMs - 1)
  deepEqual(box.heard(), [])
  await box.after(1)
  deepEqual(box.heard(), ['payment m1'])
})

test('post office: age: shortly before it is too old nothing leaves any more (DVP3)', async () => {
  const box = new Box()
  await box.connect()
  box.queue(1, box.now - speakWithinMs + speakMarginMs - 1)
  deepEqual(box.heard(), [])
  box.queue(2, box.now - speakWithinMs + speakMarginMs)
  deepEqual(box.heard(), ['payment m2'])
  await box.after(resendMs)
  const [summary] = box.payloads.filter(one => one['speak'] === false)
  equal(summary?.['count'], 2)
  deepEqual(
    box.heard().map(one => one.split(' ')[0]),
    ['summary'],
  )
})

test('post office: reconnection: the summary first, then what is young enough (DVP4)', async () => {
  const box = new Box()
  box.queue(1)
  box.queue(2)
  await box.after(speakWithinMs)
  box.queue(3)
  deepEqual(box.heard(), [])
  await box.connect()
  const [summary, payment] = box.payloads
  deepEqual([summary?.['count'], summary?.['total'], summary?.['speak']], [2, 3_000, false])
  equal(summary?.['text'], '2 pembayaran terlewat, total Rp3.000')
  deepEqual([payment?.['message_id'], payment?.['amount']], ['m3', 3_000])
  const told = box.heard()
  equal(told.length, 2)
  equal(told[1], 'payment m3')
  ok(told[0]?.startsWith('summary '))
  box.ack(String(summary?.['message_id']), 'received')
  box.ack('m3')
  await box.connect()
  deepEqual(box.heard(), [])
})

test('post office: reconnection: what was not acknowledged is told to the new one (DVP2)', async () => {
  const box = new Box()
  const first = await box.connect()
  box.queue(1)
  box.office.close(boxId, first)
  box.queue(2)
  deepEqual(box.heard(), ['payment m1'])
  await box.connect()
  deepEqual(box.heard(), ['payment m1', 'payment m2'])
})

test('post office: connections: the end of an older one closes nothing (DVP5)', async () => {
  const box = new Box()
  const first = await box.connect()
  await box.connect()
  box.office.close(boxId, first)
  box.queue(1)
  deepEqual(box.heard(), ['payment m1'])
})

test('post office: a box that can’t be reached, or is blocked, is told nothing (DVP5)', async () => {
  const box = new Box()
  await box.connect()
  box.isReachable = false
  box.queue(1)
  deepEqual(box.heard(), [])
  box.isReachable = true
  await box.after(250)
  deepEqual(box.heard(), ['payment m1'])
  box.tell({ type: 'block', reason: 'stolen', by: 'ops' })
  await box.after(resendMs)
  deepEqual(box.heard(), [])
})

test('post office: a journal that is away: asked again, nothing is told before (DVP5)', async () => {
  const box = new Box()
  box.queue(1)
  box.failures = 1
  await box.connect()
  deepEqual(box.heard(), [])
  equal(box.errors.length, 1)
  await box.after(250)
  deepEqual(box.heard(), ['payment m1'])
})

const order = { args: {}, by: 'ops' } as const

test('post office: commands: marked as sent first; a reboot leaves once (DVP6)', async () => {
  const box = new Box()
  box.tell({ type: 'command', id: 'c1', kind: 'reboot', ...order, expiresAt: box.now + 600_000 })
  await box.connect()
  deepEqual(box.heard(), ['command c1'])
  equal(box.device.orders[0]?.status, 'sent')
  await box.after(120_000)
  await box.connect()
  deepEqual(box.heard(), [])
})

test('post office: commands: a volume may be told again, until it is done or late (DVP6)', async () => {
  const box = new Box()
  box.tell({ type: 'command', id: 'c1', kind: 'volume', ...order, expiresAt: box.now + 600_000 })
  await box.connect()
  await box.connect()
  deepEqual(box.heard(), ['command c1', 'command c1'])
  box.tell({ type: 'commandAcked', id: 'c1', status: 'done', message: '' })
  box.tell({ type: 'command', id: 'c2', kind: 'volume', ...order, expiresAt: box.now + 10_000 })
  await box.after(0)
  deepEqual(box.heard(), ['command c2'])
  await box.after(40_000)
  await box.connect()
  deepEqual(box.heard(), [])
})

test('post office: commands: a mark that failed is made again (DVP6)', async () => {
  const box = new Box()
  await box.connect()
  box.failures = 1
  box.tell({ type: 'command', id: 'c1', kind: 'reboot', ...order, expiresAt: box.now + 600_000 })
  await box.after(0)
  await box.after(250)
  deepEqual(box.heard(), ['command c1'])
})

test('post office: commands: marked and not taken: they leave later, also another time (DVP6)', async () => {
  const box = new Box()
  await box.connect()
  box.isReachable = false
  box.tell({ type: 'command', id: 'c1', kind: 'reboot', ...order, expiresAt: box.now + 600_000 })
  await box.after(0)
  await box.after(250)
  box.isReachable = true
  await box.after(250)
  deepEqual(box.heard(), ['command c1'])

  box.isReachable = false
  box.tell({ type: 'command', id: 'c2', kind: 'reboot', ...order, expiresAt: box.now + 600_000 })
  await box.after(0)
  box.isReachable = true
  await box.connect()
  await box.connect()
  deepEqual(box.heard(), ['command c2'])
})

test('post office: no topic for commands yet: not marked, and told when there is one (DVP6, DVP9)', async () => {
  const box = new Box()
  const expiresAt = box.now + 600_000
  box.tell({ type: 'command', id: 'c1', kind: 'reboot', ...order, expiresAt })
  box.tell({ type: 'command', id: 'c2', kind: 'ota', ...order, expiresAt })
  box.tell({ type: 'configure', values: { volume: 70 }, by: 'ops' })
  box.queue(1)
  await box.connect(['payment'])
  await box.after(1_000)
  deepEqual(box.heard(), ['payment m1'])
  deepEqual(
    box.device.orders.map(one => one.status),
    ['queued', 'queued'],
  )
  equal(box.office.pushConfig(boxId), false)
  await box.listen(['payment', 'command'])
  deepEqual(box.heard(), ['command c1', 'command c2'])
  await box.listen(['payment', 'command', 'config'])
  deepEqual(box.heard(), ['config 1'])
})

test('post office: a box that hears no summary hears all else, and the summary later (DVP9)', async () => {
  const box = new Box()
  box.queue(1)
  await box.after(speakWithinMs)
  box.queue(2)
  box.tell({ type: 'command', id: 'c1', kind: 'reboot', ...order, expiresAt: box.now + 600_000 })
  box.tell({ type: 'configure', values: { volume: 70 }, by: 'ops' })
  await box.connect(['payment', 'config', 'command'])
  deepEqual(box.heard(), ['payment m2', 'config 1', 'command c1'])
  box.ack('m2')
  box.queue(3)
  deepEqual(box.heard(), ['payment m3'])
  await box.after(speakWithinMs)
  box.heard()
  equal(box.device.digest?.count, 2)
  await box.listen(everything)
  const summary = box.payloads.at(-1)
  deepEqual([summary?.['count'], summary?.['total'], summary?.['speak']], [2, 4_000, false])
})

test('post office: a summary that is told and not taken keeps nothing behind it (DVP9)', async () => {
  const box = new Box()
  box.queue(1)
  await box.after(speakWithinMs)
  await box.connect()
  equal(box.heard().length, 1)
  await box.connect(['payment'])
  box.queue(2)
  deepEqual(box.heard(), ['payment m2'])
})

test('post office: what was missed: shown in the language that the box is set to (DVP4)', async () => {
  const box = new Box()
  box.tell({ type: 'configure', values: { language: 'en' }, by: 'ops' })
  box.queue(1)
  await box.after(speakWithinMs)
  await box.connect()
  const summary = box.payloads.find(one => one['count'] === 1)
  deepEqual(
    [summary?.['text'], summary?.['lang'], summary?.['speak']],
    ['Missed payments: 1, Rp1.000 in total', 'en', false],
  )
})

test('post office: configuration: pushed until reported; a refused one by hand (DVP7)', async () => {
  const box = new Box()
  await box.connect()
  box.tell({ type: 'configure', values: { volume: 70 }, by: 'ops' })
  deepEqual(box.heard(), ['config 1'])
  deepEqual(box.payloads.at(-1), { volume: 70, version: 1 })
  await box.after(60_000)
  deepEqual(box.heard(), ['config 1'])
  box.tell({ type: 'configAcked', version: 1, status: 'rejected' })
  await box.after(120_000)
  deepEqual(box.heard(), [])
  equal(box.office.pushConfig(boxId), true)
  deepEqual(box.heard(), ['config 1'])
})

test('post office: a box that never answers: MQTT’s receipt is its word (DVP8)', async () => {
  const box = new Box('none')
  await box.connect()
  box.queue(1)
  equal(box.device.queue.length, 1)
  box.office.delivered(boxId, 'm1')
  await box.after(0)
  equal(box.device.queue.length, 0)
  deepEqual(box.heard(), ['payment m1'])

  const speaking = new Box('played')
  await speaking.connect()
  speaking.queue(1)
  speaking.office.delivered(boxId, 'm1')
  await speaking.after(0)
  equal(speaking.device.queue.length, 1)
})

test('post office: no receipt and no answer: told once, when it has left (DVP10)', async () => {
  const box = new Box('none')
  await box.connect()
  box.queue(1)
  box.office.delivered(boxId, 'm1', { isReceipt: false })
  await box.after(0)
  await box.after(resendMs)
  equal(box.device.queue.length, 0)
  deepEqual(box.heard(), ['payment m1'])
  equal(box.proofs.drain()[0]?.receivedAt ?? null, null)

  const answering = new Box('received')
  await answering.connect()
  answering.queue(1)
  answering.office.delivered(boxId, 'm1', { isReceipt: false })
  await answering.after(resendMs)
  equal(answering.device.queue.length, 1)
  deepEqual(answering.heard(), ['payment m1', 'payment m1'])
})

test('post office: proofs: what was published and received is noted (DVP2)', async () => {
  const box = new Box()
  await box.connect()
  box.queue(1)
  await box.after(resendMs)
  box.office.received(boxId, 'm1')
  const [part] = box.proofs.drain()
  equal(part?.publishedTimes, 2)
  equal(part?.publishedAt, 1_000_000)
  equal(part?.receivedAt, 1_000_000 + resendMs)
})
