/**
 * The MQTT broker in its place: between the settings and the boxes.
 *
 * BRM1. It opens when the services behind it serve, and closes before they do.
 * BRM2. A process that does not own the journal has no boxes: they are let go, and find the owner.
 *       With REDIS_URL it keeps them, and the owner hears them over the mesh.
 * BRM3. A port that is taken and a certificate that can't be read are a sentence each.
 * BRM4. However many boxes are in trouble, the log gets a line of each kind per second.
 * BRM5. A Redis that can't be reached at the start is a sentence, without its address; later it is
 *       a line in the log and a part of the health.
 */

import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { type Adapter, AdapterUnreadable, readAdapters } from '../../broker/adapter.ts'
import { Mqtt } from '../../broker/broker.ts'
import type { Door, DownlinkKind } from '../../broker/door.ts'
import { MqttPortTaken } from '../../broker/listeners.ts'
import { Mesh } from '../../broker/mesh.ts'
import { RedisWire, WireUnreachable } from '../../broker/wire.ts'
import type { DeviceLine } from '../../services/soundbox/device.service.ts'
import { bounded } from '../program-log.ts'
import type { Settings } from '../settings.ts'
import { StartFailure } from '../start-failure.ts'

export type BrokerDeps = {
  readonly settings: Ports
  readonly tls: Tls | null
  readonly adapters: ReadonlyMap<string, Adapter>
  readonly devices: Pick<DeviceLine, 'door' | 'attach'>
  readonly isOwner: () => boolean
  /** Between the brokers of several processes; null: this one is alone. */
  readonly mesh: Mesh | null
  readonly log: (level: 'warn' | 'error', what: string, more?: object) => void
}

type Link = Parameters<DeviceLine['attach']>[0]
type Ports = Pick<Settings, 'mqttPort' | 'mqttsPort' | 'mqttWsPort'>
export type Tls = { readonly port: number; readonly cert: Buffer; readonly key: Buffer }

const ownerMs = 1_000

/** Null: the settings want none. */
export async function openMqtt(deps: BrokerDeps): Promise<Mqtt | null> {
  const { settings, tls, adapters, devices, isOwner, mesh, log } = deps
  const { mqttPort, mqttsPort, mqttWsPort } = settings
  let mqtt: Mqtt | null = null
  devices.attach(linkTo(() => mesh ?? mqtt))
  if (mqttPort === null && mqttsPort === null && mqttWsPort === null) {
    mesh?.start(null)
    return null
  }
  const warn = bounded(log, { most: 1 })
  try {
    mqtt = await Mqtt.open({
      tcp: mqttPort,
      tls,
      ws: mqttWsPort,
      adapters,
      door: mesh?.door ?? doorOf(devices, warn),
      ...(mesh === null ? {} : { sessions: mesh.sessions }),
      onFault: cause => warn('error', 'mqtt trouble', { cause: String(cause) }),
    })
  } catch (cause) {
    throw failureOf(cause, settings)
  }
  const opened = mqtt
  if (mesh !== null) {
    mesh.start(opened)
    return opened
  }
  const watch = setInterval(() => {
    if (!isOwner()) opened.disconnectAll()
  }, ownerMs)
  watch.unref()
  return opened
}

/** All firmware that we know; a file that can't be read is a sentence. */
export function openAdapters(): ReadonlyMap<string, Adapter> {
  try {
    return readAdapters()
  } catch (cause) {
    if (!(cause instanceof AdapterUnreadable)) throw cause
    throw new StartFailure(cause.message, { cause })
  }
}

type MeshDeps = Pick<BrokerDeps, 'devices' | 'log'> & {
  readonly url: string
  readonly key: Uint8Array
  readonly installation: string
  readonly epoch: () => number | null
}

/** The way to the brokers of other processes. Not yet started. */
export async function openMesh(deps: MeshDeps): Promise<Mesh> {
  const { devices, log, epoch, ...own } = deps
  const warn = bounded(log, { most: 1 })
  const onFault = (cause: unknown) => warn('error', 'mesh trouble', { cause: String(cause) })
  try {
    const wire = await RedisWire.open({ ...own, onFault })
    return new Mesh({ wire, services: doorOf(devices, warn), epoch, now: Date.now, onFault })
  } catch (cause) {
    if (!(cause instanceof WireUnreachable)) throw cause
    throw new StartFailure(
      `REDIS_URL is set, but no Redis can be used there (${cause.message}): ` +
        'start it, correct REDIS_URL, or unset it.',
      { cause },
    )
  }
}

/** Boxes are reached through the mesh; without one, at our own broker as soon as it is open. */
const linkTo = (broker: () => Pick<Mesh, 'publish' | 'disconnect'> | null): Link => ({
  publish: (id, topic, payload, tag) =>
    broker()?.publish(id, topic as DownlinkKind, payload as Fields, tag ?? null) ?? false,
  disconnect: id => void broker()?.disconnect(id),
})

const doorOf = (devices: BrokerDeps['devices'], warn: BrokerDeps['log']): Door => ({
  ...devices.door,
  refused: ({ deviceId, reason, topic }) =>
    warn('warn', 'a box tried what it may not', { deviceId, reason, topic }),
})

type Fields = Readonly<Record<string, unknown>>

/** Certificate and key, read and tried before anything is started for nothing. */
export function readTls({ mqttsPort, tls }: Pick<Settings, 'mqttsPort' | 'tls'>): Tls | null {
  if (mqttsPort === null || tls === null) return null
  const read = (name: string, file: string) => {
    try {
      return readFileSync(file)
    } catch (cause) {
      throw new StartFailure(
        `${name} is ${file}, which can't be read (${(cause as NodeJS.ErrnoException).code}): ` +
          'correct it, or unset MQTTS_PORT.',
        { cause },
      )
    }
  }
  const cert = read('TLS_CERT_FILE', tls.certFile)
  const key = read('TLS_KEY_FILE', tls.keyFile)
  try {
    createSecureContext({ cert, key })
  } catch (cause) {
    throw new StartFailure(
      `TLS_CERT_FILE and TLS_KEY_FILE are no certificate and key that fit ` +
        `(${(cause as NodeJS.ErrnoException).code}): correct them, or unset MQTTS_PORT.`,
      { cause },
    )
  }
  return { port: mqttsPort, cert, key }
}

function failureOf(cause: unknown, settings: Ports): unknown {
  if (!(cause instanceof MqttPortTaken)) return cause
  const ports = { MQTT_PORT: settings.mqttPort, MQTTS_PORT: settings.mqttsPort }
  const own = { ...ports, MQTT_WS_PORT: settings.mqttWsPort }
  const [name = 'MQTT_PORT'] = Object.entries(own).find(([, port]) => port === cause.port) ?? []
  return new StartFailure(takenSentence(name, cause.port), { cause })
}

export function takenSentence(name: string, port: number): string {
  const otherwise = name === 'PORT' ? '0 takes any' : 'empty: none'
  return `${name} ${port} is taken: stop what uses it, or set ${name} to another one (${otherwise}).`
}
