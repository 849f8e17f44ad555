import { deepEqual, equal, rejects } from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import pg from 'pg'
import { Fault } from './assert.ts'
import { Flusher } from './flusher.ts'
import type { Batch } from './host.ts'

type Asked = { handleReadyForQuery(): void; handleError(error: Error): void }

/** A connection that keeps what it is sent, and answers when it is told to. */
class Wire extends EventEmitter {
  readonly texts: string[] = []
  readonly asked: Asked[] = []
  isReleased = false
  readonly connection = {
    stream: { cork() {}, uncork() {} },
    query: (text: string) => this.texts.push(text),
    sendCopyFromChunk() {},
    endCopyFrom() {},
  }

  query(asked: Asked): void {
    this.asked.push(asked)
  }

  release(): void {
    this.isReleased = true
    const lost = new Error('Connection terminated')
    for (const one of this.asked.splice(0)) one.handleError(lost)
  }
}

function stage(answerMsMax?: number) {
  const wires: Wire[] = []
  const flusher = new Flusher(async () => {
    const wire = new Wire()
    wires.push(wire)
    return wire as unknown as pg.PoolClient
  }, answerMsMax)
  return { wires, flusher }
}

/** Line `seq` of shard 1. */
function batchOf(seq: number): Batch {
  const line = { shard: 1, seq, key: '0000000000000001', hash: '0'.repeat(32), body: '{}' }
  return { fence: new Map([[1, 1]]), lines: [line], checkpoints: [], piled: [] }
}

function answeredError(code: string): pg.DatabaseError {
  const error = new pg.DatabaseError('no', 2, 'error')
  error.code = code
  return error
}

const settled = () => new Promise(resolve => setImmediate(resolve))
const isUntouched = (cause: unknown) => cause instanceof Fault && cause.untouched

// An error that the server answered, and one with which the connection is gone.
for (const code of ['53100', '57P01']) {
  test(`flusher: ${code} behind one that was kept, in one read: nothing goes on from what was lost (P4)`, async () => {
    const { wires, flusher } = stage()
    const first = flusher.append(batchOf(1))
    await settled()
    const [wire] = wires as [Wire]
    const second = flusher.append(batchOf(2))
    const third = first.then(() => flusher.append(batchOf(3)))
    const [kept, failed] = wire.asked.splice(0) as [Asked, Asked]
    kept.handleReadyForQuery()
    failed.handleError(answeredError(code))
    await first
    await rejects(second, Fault)
    await rejects(third, isUntouched)
    equal(wires.flatMap(({ texts }) => texts).length, 2)

    const again = flusher.append(batchOf(2))
    await settled()
    const last = wires.at(-1)!
    equal(last.texts.at(-1)!.includes("call journal_follows('{1}', '{1}')"), true)
    last.asked.at(-1)!.handleReadyForQuery()
    await again
  })
}

test('flusher: given up this moment: who calls in the same turn is turned away (P4)', async () => {
  const { wires, flusher } = stage()
  const first = flusher.append(batchOf(1))
  await settled()
  wires[0]!.emit('end')
  const second = flusher.append(batchOf(2))
  await rejects(first, Fault)
  await rejects(second, isUntouched)
  equal(wires.length, 1)

  const again = flusher.append(batchOf(1))
  await settled()
  wires[1]!.asked.at(-1)!.handleReadyForQuery()
  await again
})

test('flusher: the first on a connection says where the journal must end, the next need not (P5)', async () => {
  const { wires, flusher } = stage()
  const sent = [1, 2, 3].map(seq => flusher.append(batchOf(seq)))
  await settled()
  const [wire] = wires as [Wire]
  deepEqual(
    wire.texts.map(text => text.includes('journal_follows')),
    [true, false, false],
  )
  for (const one of wire.asked.splice(0)) one.handleReadyForQuery()
  await Promise.all(sent)
})

test('flusher: no answer at all: the connection is given up, and nobody knows (P6)', async () => {
  const { wires, flusher } = stage(20)
  await rejects(
    flusher.append(batchOf(1)),
    cause => cause instanceof Fault && !cause.untouched && cause.code === 'journal.unavailable',
  )
  equal(wires[0]!.isReleased, true)
})
