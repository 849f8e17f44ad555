/**
 * Aedes as it comes, publishing from inside, asked the same as our broker. Its receipts name no
 * message, so they are told apart per client, by their order.
 */
import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import { serveRig } from '../soundbox/broker-rig.ts'

const aedes = await Aedes.createBroker()
const listening: string[] = []
const open = new Map<string, string[]>()

const broker = createServer({ noDelay: true }, socket => void aedes.handle(socket))
await new Promise<void>(done => broker.listen(0, '127.0.0.1', 4_096, done))

const heard = serveRig({
  listening,
  publish(client, tag, message) {
    const tags = open.get(client) ?? []
    open.set(client, tags)
    tags.push(tag)
    const topic = `devices/${client}/downlink/payment`
    const payload = JSON.stringify(message)
    aedes.publish({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false }, () => {})
    return true
  },
  mqttPort: (broker.address() as { port: number }).port,
})

aedes.on('subscribe', (_, client) => void listening.push(client.id))
aedes.on('ack', (_, client) => {
  const tag = open.get(client.id)?.shift()
  if (tag !== undefined) heard(tag)
})
