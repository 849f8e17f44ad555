import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import type { Client } from 'aedes'
import { Sessions, Silence } from './sessions.ts'

const client = (id: string) => ({ id }) as Client
const filter = (topic: string) => ({ topic, qos: 1 as const })

function sessions(max: number) {
  const isAllowed = (_: Client, topic: string) => topic !== 'foreign'
  return new Sessions({ max, isAllowed, onAck: () => {} })
}

test('sessions: filters are kept, those refused are not; messages never are (BRS1, BRS2)', async () => {
  const kept = sessions(10)
  await kept.addSubscriptions(client('a'), [filter('x'), filter('foreign')])
  deepEqual(await kept.subscriptionsByClient(client('a')), [filter('x')])
  deepEqual(await kept.subscriptionsByTopic(), [])
  deepEqual(await kept.outgoingStream().toArray(), [])
  await kept.removeSubscriptions(client('a'), ['x'])
  equal(kept.size, 0)
})

test('sessions: more than the limit: the one longest away is forgotten (BRS2)', async () => {
  const kept = sessions(2)
  for (const id of ['a', 'b', 'a', 'c']) await kept.addSubscriptions(client(id), [filter(id)])
  equal(kept.size, 2)
  deepEqual(await kept.subscriptionsByClient(client('b')), [])
  deepEqual(await kept.subscriptionsByClient(client('a')), [filter('a')])
})

test('sessions: ids of QoS 2: known until released or the box is gone (BRS1)', async () => {
  const kept = sessions(2)
  const packet = { messageId: 7 }
  await rejects(kept.incomingGetPacket(client('a'), packet))
  await kept.incomingStorePacket(client('a'), packet)
  equal(await kept.incomingGetPacket(client('a'), packet), true)
  await kept.incomingDelPacket(client('a'), packet)
  await rejects(kept.incomingDelPacket(client('a'), packet))
  await kept.incomingStorePacket(client('a'), packet)
  await kept.cleanIncoming(client('a'))
  await rejects(kept.incomingGetPacket(client('a'), packet))
})

test('sessions: the emitter answers within the call (BRS3)', () => {
  const silence = new Silence()
  let answers = 0
  const done = () => void answers++
  silence.on('a', null, done)
  silence.emit({}, done)
  silence.removeListener('a', null, done)
  silence.close(done)
  equal(answers, 4)
})
