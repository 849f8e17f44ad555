/**
 * The doors: MQTT for boxes, the other processes of the installation, HTTP and WebSocket for
 * everybody, and mails. They open when everything behind them works.
 */

import type { Mqtt } from '../broker/broker.ts'
import { gatewayService } from '../gateway/gateway.service.ts'
import type { Cluster } from '../services/cluster/cluster.ts'
import { Sender } from '../services/mail/sender.ts'
import { collectAtRest } from '../services/system/rest.ts'
import { journalPart } from '../services/system/system.service.ts'
import { databaseIdentity } from '../sql/installation.ts'
import type { Base } from './base.ts'
import { joinCluster } from './cluster.ts'
import { type DemoDevice, demoBoxOf } from './demo/device.ts'
import { mailServerOf } from './demo/mail.ts'
import type { Lines } from './lines/all.ts'
import { openMqtt, type Tls } from './lines/mqtt.ts'
import type { EngineNode } from './node.ts'
import { fault, trouble } from './program-log.ts'

type DoorDeps = {
  readonly base: Base
  readonly node: EngineNode
  readonly lines: Lines
  readonly tls: Tls | null
  /** Null: this is no demo. */
  readonly demoDevice: DemoDevice | null
}

type Doors = {
  readonly port: number
  /** Null: boxes are not served over plain TCP. */
  readonly mqttPort: number | null
  /** How people reach us. */
  readonly publicUrl: string
}

export async function openDoors(deps: DoorDeps): Promise<Doors> {
  const { base, node, demoDevice } = deps
  const { settings, log, ending, ground, db, seal, demo } = base
  const { broker, room, traced, later, isServing } = node
  const { sandboxUrl } = ground
  const { engine, now } = room
  const mqtt = await openBoxes(deps)
  const cluster = await joinOthers(deps)
  const mqttPort = mqtt?.ports.tcp ?? null
  const addressAt = (port: number) => settings.publicUrl ?? `http://127.0.0.1:${port}`
  const opened = Promise.withResolvers<number>()
  const gateway = broker.createService(
    gatewayService({
      port: settings.port,
      mode: settings.mode,
      ...{ now, machineNow: room.machineNow },
      publicUrl: addressAt(settings.port),
      proxies: settings.trustedProxies,
      ...(mqtt?.ports.tcp == null ? {} : { enterMqtt: address => mqtt.enter(address) }),
      ...(demo === null
        ? {}
        : { demo: { userId: demo.client.userId, username: demo.client.username, level: 0 } }),
      ...(demoDevice === null ? {} : { demoBox: demoBoxOf(demoDevice, sandboxUrl) }),
      ...(sandboxUrl === null ? {} : { playUrl: `${sandboxUrl}/_sandbox/main` }),
      beginTrace: traced?.traces.begin ?? null,
      ...(cluster === null
        ? {}
        : {
            callOf: local => cluster.callOf(local),
            onNonces: digests => cluster.tell('nonces.used', { digests }),
          }),
      onOpen: opened.resolve,
      onRefused: opened.reject,
      onFault: fault(log, 'gateway fault'),
    }),
  )
  const port = await opened.promise
  const publicUrl = addressAt(port)
  const sender = new Sender({
    ...{ db, seal, now, from: settings.mailFrom, isOwner: isServing },
    smtpUrl: () => mailServerOf(settings.smtpUrl, sandboxUrl),
    publicUrl: () => publicUrl,
    onError: trouble(log, 'mail trouble'),
  })
  sender.start()
  later.isOpen = true
  // Not before: reading everything back is work as well, though nobody takes a turn.
  ending.add(
    collectAtRest(() => engine.host.stats.turns),
    () => sender.stop(),
    () => broker.stop(),
    () => cluster?.close(),
    () => broker.destroyService(gateway),
  )
  return { port, mqttPort, publicUrl }
}

/** Null: the settings want no MQTT. */
async function openBoxes({ base, node, lines, tls }: DoorDeps): Promise<Mqtt | null> {
  const { settings, log, ending } = base
  const { firmware, mesh, soundbox, health } = lines
  const mqtt = await openMqtt({
    ...{ settings, tls, log, mesh, isOwner: node.isOwner, adapters: firmware },
    devices: soundbox.devices,
  })
  node.later.mqtt = mqtt
  if (mqtt !== null) health.push(mqtt.health)
  ending.add(async () => {
    await mqtt?.close()
    await mesh?.close()
  })
  return mqtt
}

/** Null: this process is alone. */
async function joinOthers({ base, node, lines }: DoorDeps): Promise<Cluster | null> {
  const { settings, db, seal } = base
  const { broker, room, later, isOwner } = node
  const { natsUrl, logLevel } = settings
  if (natsUrl === null) return null
  const cluster = await joinCluster({
    ...{ broker, now: room.machineNow, natsUrl, logLevel, key: seal.keyFor('cluster') },
    installation: await databaseIdentity(db.pool),
    epoch: () => (isOwner() ? later.epoch : null),
    isReady: () => journalPart(room.engine).ok,
  })
  later.cluster = cluster
  lines.health.push(cluster.health)
  return cluster
}
