/**
 * The short road of heartbeats. Nearly all that boxes say is that they are there, each alone in its
 * tick of the clock; through stream, parser and Aedes that costs three times what it is worth
 * (deploy/beat.bench.ts). So the bytes of a box that wait for nothing are looked at as they come.
 *
 *   bytes ─▶ one whole heartbeat of this box? ─┬ yes ─▶ services, PUBACK
 *                                              └ no  ─▶ stream ─▶ frames ─▶ parser ─▶ Aedes
 *
 * BRE1. Only what would come to the same end on the long road: a whole PUBLISH of MQTT 3.1.1 by
 *       itself, of QoS 0 or 1, said once, not retained, on a topic that is the box's own. All else,
 *       and whatever looks odd, goes the long road untouched.
 */

/** What a packet says, with its bytes where they were. */
type ShortPublish = {
  /** 0: of QoS 0. */
  readonly messageId: number
  readonly payload: Uint8Array
}

const qos0 = 0x30
const qos1 = 0x32

/** The chunk as one PUBLISH on this topic, or null. */
export function shortPublish(chunk: Uint8Array, topic: Uint8Array): ShortPublish | null {
  const first = chunk[0]
  if ((first !== qos0 && first !== qos1) || chunk.length < topic.length + 4) return null
  let at = 2
  let length = chunk[1]!
  if (length >= 0x80) {
    const more = chunk[at++]!
    if (more >= 0x80) return null
    length = (length & 0x7f) | (more << 7)
  }
  if (chunk.length !== at + length) return null
  if (((chunk[at]! << 8) | chunk[at + 1]!) !== topic.length) return null
  at += 2
  for (let i = 0; i < topic.length; i++) if (chunk[at + i] !== topic[i]) return null
  at += topic.length
  if (first === qos0) return { messageId: 0, payload: chunk.subarray(at) }
  if (chunk.length < at + 2) return null
  const messageId = (chunk[at]! << 8) | chunk[at + 1]!
  return messageId === 0 ? null : { messageId, payload: chunk.subarray(at + 2) }
}

export function puback(messageId: number): Uint8Array {
  return Uint8Array.of(0x40, 2, messageId >> 8, messageId & 0xff)
}
