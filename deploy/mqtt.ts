/**
 * The MQTT broker in its place: between the settings and the boxes.
 *
 * BRM1. It opens when the services behind it serve, and closes before they do.
 * BRM2. A process that does not own the journal has no boxes: they are let go, and find the owner.
 * BRM3. A port that is taken and a certificate that can't be read are a sentence each.
 * BRM4. However many boxes are in trouble, the log gets a line of each kind per second.
 */

import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { AdapterUnreadable } from '../broker/adapter.ts'
import { Mqtt } from '../broker/broker.ts'
import type { DownlinkKind } from '../broker/door.ts'
import { MqttPortTaken } from '../broker/listeners.ts'
import type { DeviceLine } from '../services/soundbox/device.service.ts'
import type { Settings } from './settings.ts'
import { StartFailure } from './start-failure.ts'

export type BrokerDeps = {
  readonly settings: Ports
  readonly tls: Tls | null
  readonly devices: Pick<DeviceLine, 'door' | 'attach'>
  readonly isOwner: () => boolean
  readonly log: (level: 'warn' | 'error', what: string, more?: object) => void
}

type Ports = Pick<Settings, 'mqttPort' | 'mqttsPort' | 'mqttWsPort'>
type Tls = { readonly port: number; readonly cert: Buffer; readonly key: Buffer }

const ownerMs = 1_000

/** Null: the settings want none. */
export async function openMqtt(deps: BrokerDeps): Promise<Mqtt | null> {
  const { settings, tls, devices, isOwner, log } = deps
  const { mqttPort, mqttsPort, mqttWsPort } = settings
  if (mqttPort === null && mqttsPort === null && mqttWsPort === null) return null
  const warn = seldom(log)
  let mqtt: Mqtt | null = null
  devices.attach({
    publish: (id, topic, payload, tag) =>
      mqtt?.publish(id, topic as DownlinkKind, payload as Fields, tag) ?? false,
    disconnect: id => void mqtt?.disconnect(id),
  })
  try {
    mqtt = await Mqtt.open({
      tcp: mqttPort,
      tls,
      ws: mqttWsPort,
      door: {
        ...devices.door,
        refused: ({ deviceId, reason, topic }) =>
          warn('warn', 'a box tried what it may not', { deviceId, reason, topic }),
      },
      onFault: cause => warn('error', 'mqtt trouble', { cause: String(cause) }),
    })
  } catch (cause) {
    throw failureOf(cause, settings)
  }
  const opened = mqtt
  const watch = setInterval(() => {
    if (!isOwner()) opened.disconnectAll()
  }, ownerMs)
  watch.unref()
  return opened
}

/** However many boxes are in trouble: a line per kind and second, and how many were left out. */
function seldom(log: BrokerDeps['log']): BrokerDeps['log'] {
  const kinds = new Map<string, { second: number; omitted: number }>()
  return (level, what, more) => {
    const second = Math.floor(performance.now() / 1_000)
    const kind = kinds.get(what) ?? { second: -1, omitted: 0 }
    kinds.set(what, kind)
    if (kind.second === second) {
      kind.omitted++
      return
    }
    const { omitted } = kind
    Object.assign(kind, { second, omitted: 0 })
    log(level, what, omitted === 0 ? more : { ...more, omitted })
  }
}

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
  if (cause instanceof AdapterUnreadable) return new StartFailure(cause.message, { cause })
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
