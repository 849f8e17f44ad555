import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Frames } from './frames.ts'
import { defaultLimits } from './limits.ts'

const limits = { ...defaultLimits, packetBytesMax: 300, packetsBurst: 20, publishesBurst: 5 }
const connect = [0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 0]
const ping = [0xc0, 0]
const publish = [0x30, 3, 0, 1, 0x61]
const large = [0x30, 0xac, 0x02, ...new Array(300).fill(0xff)]
const take = (...bytes: number[]) => new Frames(limits, 0).take(Uint8Array.from(bytes), limits, 0)

test('frames: what does not begin with CONNECT is not MQTT (BRC1)', () => {
  equal(take(...connect, ...ping), null)
  equal(take(...ping), 'not_mqtt')
  equal(take(0x47, 0x45), 'not_mqtt')
  equal(take(...connect, 0x00), 'not_mqtt')
  equal(take(...connect, 0x30, 0x80, 0x80, 0x80, 0x80, 0x01), 'not_mqtt')
})

test('frames: a packet that announces too much: refused at its header (BRC2)', () => {
  equal(take(...connect, ...large), null)
  equal(take(...connect, 0x30, 0xad, 0x02), 'packet_size')
  equal(take(0x10, 0xff, 0xff, 0xff, 0x7f), 'packet_size')
})

test('frames: more packets, or more publishes, than the bucket holds: a flood (BRC3)', () => {
  equal(take(...connect, ...new Array(19).fill(ping).flat()), null)
  equal(take(...connect, ...new Array(20).fill(ping).flat()), 'flood')
  equal(take(...connect, ...new Array(5).fill(publish).flat()), null)
  equal(take(...connect, ...new Array(6).fill(publish).flat()), 'flood')
})

test('frames: however the bytes are cut, the packets are the same (BRC2, BRC3)', () => {
  const bytes = Uint8Array.from([...connect, ...large, ...ping, ...publish, 0xe0, 0])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), cuts => {
      const frames = new Frames(limits, 0)
      const sorted = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      const said = sorted
        .slice(1)
        .map((end, i) => frames.take(bytes.subarray(sorted[i], end), limits, 0))
      deepEqual(new Set(said), new Set([null]))
      equal(frames.goodbye, true)
    }),
  )
})
