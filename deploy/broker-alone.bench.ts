/**
 * The broker by itself, for the bench: everybody is let in, and messages are published as the post
 * office publishes them.
 */

import { serveRig } from '../bench/soundbox/broker-rig.ts'
import { Mqtt } from '../broker/broker.ts'

const listening: string[] = []

const mqtt = await Mqtt.open({
  ...{ tcp: 0, host: '127.0.0.1' },
  door: {
    login: async ({ name }) => ({ ok: { deviceId: name, generation: 1, adapter: 'laju' } }),
    connected() {},
    listening: ({ deviceId }) => void listening.push(deviceId),
    gone() {},
    uplink() {},
    delivered: ({ tag }) => heard(tag),
    refused() {},
  },
})

const heard = serveRig({
  listening,
  publish: (client, tag, message) => mqtt.publish(client, 'payment', message, tag),
  mqttPort: mqtt.ports.tcp!,
})
