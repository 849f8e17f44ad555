import { deepEqual, doesNotMatch, equal, ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { Packets } from './packets.ts'

const key = randomBytes(32)

test('packets: opened by those with the key, and telling nobody else anything (PCK1)', () => {
  const [one, other] = [new Packets(key), new Packets(key)]
  const packet = one.seal('all', 'a secret')
  doesNotMatch(packet.toString('latin1'), /secret/)
  const opened = other.open('all', packet)
  deepEqual([opened?.from, opened?.bytes.toString()], [one.id, 'a secret'])
  ok(one.id !== other.id)
  equal(new Packets(randomBytes(32)).open('all', one.seal('all', 'x')), null)
})

test('packets: changed, cut or taken elsewhere: not opened (PCK1)', () => {
  const one = new Packets(key)
  const packet = one.seal('all', Buffer.from('a secret'))
  for (let at = 0; at < packet.length; at++) {
    const changed = Buffer.from(packet)
    changed[at]! ^= 1
    equal(new Packets(key).open('all', changed), null, `byte ${at}`)
    equal(new Packets(key).open('all', packet.subarray(0, at)), null, `cut at ${at}`)
  }
  equal(new Packets(key).open('one', packet), null)
})

test('packets: repeated or overtaken: not opened again (PCK2)', () => {
  const [one, other] = [new Packets(key), new Packets(key)]
  const [first, second, third] = ['1', '2', '3'].map(text => one.seal('all', text)) as Buffer[]
  equal(other.open('all', first!)?.bytes.toString(), '1')
  equal(other.open('all', first!), null)
  equal(other.open('all', third!)?.bytes.toString(), '3')
  equal(other.open('all', second!), null)
})
