/**
 * One MQTT 3.1.1 connection over a WebSocket: connects, subscribes to one filter, hears, says. It
 * is what a box needs and no more, in 6 kB where a whole client library (the package `mqtt`) brings
 * 340; coming back after a loss is for `line.js`.
 *
 *   CONNECT ─▶ CONNACK ─▶ SUBSCRIBE ─▶ SUBACK ─▶ ready ─┬▶ PUBLISH in ─▶ onMessage ─▶ PUBACK
 *                                                       └▶ say ─▶ PUBLISH out ─▶ PUBACK
 *
 * VBM1. Packets are read in whatever pieces they come; what is no MQTT or too long ends the line.
 * VBM2. A message is acknowledged once it was taken; when taking it fails, the line ends instead.
 * VBM3. Only so many messages of ours wait for their receipt, the rest stands behind them in order;
 *       what is too much of that is not taken.
 * VBM4. A line on which nothing is heard for too long has ended, before it is ready and after.
 * VBM5. That it ended is told once, with why: `refused` and the broker's number, or `lost`, and
 *       what was thrown while taking a message.
 */

const kinds = { connack: 2, publish: 3, puback: 4, suback: 9, pingresp: 13 }
const packetBytesMax = 256 * 1024
const underWayMax = 10
const waitingMax = 200
const readyMsMax = 10_000

export function openMqtt({
  url,
  clientId,
  username,
  password,
  filter,
  keepaliveS = 30,
  onReady,
  onMessage,
  onEnd,
}) {
  const socket = new WebSocket(url, 'mqtt')
  socket.binaryType = 'arraybuffer'
  let rest = new Uint8Array(0)
  let isReady = false
  let hasEnded = false
  let lastId = 0
  const underWay = new Set()
  const waiting = []
  let silence = setTimeout(() => end('lost'), readyMsMax)
  let pulse = 0

  socket.onopen = () => send(connectPacket({ clientId, username, password, keepaliveS }))
  socket.onclose = () => end('lost')
  socket.onmessage = ({ data }) => {
    if (hasEnded) return
    if (!(data instanceof ArrayBuffer)) return end('lost')
    rest = joined(rest, new Uint8Array(data))
    try {
      for (;;) {
        const packet = firstPacket(rest)
        if (packet === null || hasEnded) break
        if (packet === broken) return end('lost')
        rest = rest.subarray(packet.length)
        take(packet)
      }
    } catch (error) {
      end('lost', 0, error)
    }
  }

  function take({ kind, flags, body }) {
    if (isReady) listen()
    if (kind === kinds.connack) {
      if (body[1] !== 0) return end('refused', body[1])
      send(subscribePacket(filter))
    } else if (kind === kinds.suback) {
      if (body[2] === 0x80) return end('refused', 0x80)
      isReady = true
      listen()
      pulse = setInterval(() => send(pingreq), keepaliveS * 1_000)
      onReady()
    } else if (kind === kinds.publish) hear(flags, body)
    else if (kind === kinds.puback) {
      underWay.delete(numberAt(body, 0))
      drain()
    }
  }

  function hear(flags, body) {
    const after = 2 + numberAt(body, 0)
    const topic = utf8.decode(body.subarray(2, after))
    const hasReceipt = (flags & 6) !== 0
    const text = utf8.decode(body.subarray(hasReceipt ? after + 2 : after))
    onMessage(topic, text)
    if (hasReceipt) send(packetOf(0x40, body.subarray(after, after + 2)))
  }

  function listen() {
    clearTimeout(silence)
    silence = setTimeout(() => end('lost'), keepaliveS * 1_500)
  }

  function drain() {
    while (underWay.size < underWayMax && waiting.length > 0) {
      lastId = (lastId % 65_535) + 1
      underWay.add(lastId)
      const { topic, payload } = waiting.shift()
      send(packetOf(0x32, stringOf(topic), [lastId >> 8, lastId & 255], encoder.encode(payload)))
    }
  }

  function send(bytes) {
    if (socket.readyState === WebSocket.OPEN) socket.send(bytes)
  }

  function end(why, code = 0, error = null) {
    if (hasEnded) return
    hasEnded = true
    clearTimeout(silence)
    clearInterval(pulse)
    send(disconnect)
    socket.close()
    onEnd({ why, code, error })
  }

  return {
    /** At QoS 1; false: it is not taken. */
    say(topic, payload) {
      if (!isReady || hasEnded || waiting.length >= waitingMax) return false
      waiting.push({ topic, payload })
      drain()
      return true
    },
    close: () => end('lost'),
  }
}

const broken = Symbol('no MQTT')

/** The first whole packet of these bytes, or null when some of it is still to come. */
function firstPacket(bytes) {
  let size = 0
  for (let i = 1; i < bytes.length; i++) {
    if (i > 4) return broken
    size += (bytes[i] & 127) * 128 ** (i - 1)
    if (size > packetBytesMax) return broken
    if (bytes[i] >= 128) continue
    const length = i + 1 + size
    if (bytes.length < length) return null
    return {
      ...{ kind: bytes[0] >> 4, flags: bytes[0] & 15, length },
      body: bytes.subarray(i + 1, length),
    }
  }
  return null
}

function connectPacket({ clientId, username, password, keepaliveS }) {
  // Protocol 4; user name, password, and a session that ends with the line.
  const head = [...stringOf('MQTT'), 4, 0xc2, keepaliveS >> 8, keepaliveS & 255]
  return packetOf(0x10, head, stringOf(clientId), stringOf(username), stringOf(password))
}

const subscribePacket = filter => packetOf(0x82, [0, 1], stringOf(filter), [1])
const pingreq = new Uint8Array([0xc0, 0])
const disconnect = new Uint8Array([0xe0, 0])

function packetOf(head, ...parts) {
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  const lengths = []
  let left = size
  do {
    lengths.push((left & 127) | (left > 127 ? 128 : 0))
    left >>= 7
  } while (left > 0)
  return Uint8Array.from([head, ...lengths, ...parts.flatMap(part => [...part])])
}

function stringOf(text) {
  const bytes = encoder.encode(text)
  return [bytes.length >> 8, bytes.length & 255, ...bytes]
}

function joined(a, b) {
  if (a.length === 0) return b
  const whole = new Uint8Array(a.length + b.length)
  whole.set(a)
  whole.set(b, a.length)
  return whole
}

const numberAt = (bytes, at) => (bytes[at] << 8) | bytes[at + 1]
const encoder = new TextEncoder()
const utf8 = new TextDecoder()
