import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { nearEnds } from './near-end.ts'

test('near end: bytes are taken on their way in: the writer goes on by himself (BRZ1)', async () => {
  const [ours, theirs] = nearEnds()
  const push = ours.push.bind(ours)
  let taken = 0
  ours.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (chunk?.[0] !== 1) return push(chunk, encoding)
    taken++
    return true
  }
  ours.on('readable', () => ours.read())
  for (let n = 1; n <= 3; n++) {
    await new Promise<void>(done => theirs.write(Buffer.of(1), () => done()))
    equal(taken, n)
  }
  const rest = new Promise(done => ours.once('readable', () => done(ours.readableLength)))
  theirs.write(Buffer.of(2))
  await rest
})

test('near end: one that does not read: the writer waits, and nothing is lost (BRZ1)', async () => {
  const [ours, theirs] = nearEnds()
  const bytes = 1024 * 1024
  let written = 0
  while (theirs.write(Buffer.alloc(16 * 1024, 7))) written += 16 * 1024
  written += 16 * 1024
  await new Promise(setImmediate)
  ok(theirs.writableLength > 0, 'it is held back')
  ok(written + theirs.writableLength < bytes, 'what waits is bounded')
  let heard = 0
  ours.on('data', chunk => {
    heard += chunk.length
  })
  await once(theirs, 'drain')
  while (written < bytes) {
    written += 16 * 1024
    if (!theirs.write(Buffer.alloc(16 * 1024, 7))) await once(theirs, 'drain')
  }
  theirs.end()
  await once(ours, 'close')
  equal(heard, written)
})

test('near end: what was corked comes in one piece (BRZ1)', async () => {
  const [ours, theirs] = nearEnds()
  const heard: string[] = []
  ours.on('data', chunk => heard.push(String(chunk)))
  theirs.cork()
  for (const word of ['a', 'b', 'c']) theirs.write(word)
  theirs.uncork()
  await new Promise(setImmediate)
  deepEqual(heard, ['abc'])
})

test('near end: one goes: the other reads what was said before, and ends as well (BRZ2)', async () => {
  const [ours, theirs] = nearEnds()
  ours.write('last words')
  ours.destroy()
  const heard: string[] = []
  theirs.on('data', chunk => heard.push(String(chunk)))
  theirs.on('error', () => {})
  await once(theirs, 'close')
  deepEqual(heard, ['last words'])
  equal(ours.destroyed, true)
})

test('near end: a write that waits, or comes later, fails with the code of a socket (BRZ2)', async () => {
  const [ours, theirs] = nearEnds()
  const told = new Promise<unknown>(done => theirs.once('error', done))
  const waits = new Promise<unknown>(done => {
    theirs.write(Buffer.alloc(256 * 1024), done)
  })
  ours.destroy()
  equal(((await waits) as NodeJS.ErrnoException).code, 'ECONNRESET')
  equal(((await told) as NodeJS.ErrnoException).code, 'ECONNRESET')
  const [mine, yours] = nearEnds()
  mine.destroy()
  const late = new Promise<unknown>(done => yours.once('error', done))
  yours.write('too late')
  equal(((await late) as NodeJS.ErrnoException).code, 'ECONNRESET')
})
