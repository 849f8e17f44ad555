/** What the MQTT broker counts, in Prometheus' words; read at the moment of scraping. */

import { Counter, type Registry } from 'prom-client'
import { gaugeIn, totalIn } from '../metric.ts'

/** As the broker keeps them: how it stands now, and totals since its start. */
type MqttFigures = {
  readonly sockets: number
  readonly boxes: number
  readonly sessions: number
  readonly loginsWaiting: number
  readonly connects: number
  readonly replaced: number
  readonly published: number
  readonly untaken: number
  readonly received: number
  readonly uplinks: number
  readonly dropped: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly refused: Readonly<Record<string, number>>
}

/** Of the way to the brokers of other processes. */
type MeshFigures = {
  readonly isUp: boolean
  readonly nodes: number
  readonly boxes: number
  readonly announced: number
  readonly sent: number
  readonly unsent: number
}

/** Null as long as there is no broker, or no mesh. */
export type MqttSource = {
  readonly figures: () => MqttFigures | null
  readonly mesh?: () => MeshFigures | null
}

type Numeric = Exclude<keyof MqttFigures, 'refused'>

const gauges: readonly (readonly [name: string, help: string, of: Numeric])[] = [
  ['laju_mqtt_sockets', 'Connections to the broker, logged in or not.', 'sockets'],
  ['laju_mqtt_boxes', 'Boxes that are connected.', 'boxes'],
  ['laju_mqtt_sessions', 'Persistent sessions, of boxes here or away.', 'sessions'],
  ['laju_mqtt_logins_waiting', 'Boxes that wait to be logged in.', 'loginsWaiting'],
]

const totals: readonly (readonly [name: string, help: string, of: Numeric])[] = [
  ['laju_mqtt_connects_total', 'Boxes that were let in.', 'connects'],
  ['laju_mqtt_replaced_total', 'Connections closed for a newer one of the same box.', 'replaced'],
  ['laju_mqtt_published_total', 'Messages sent to boxes.', 'published'],
  ['laju_mqtt_untaken_total', 'Messages to boxes that were away, deaf or full.', 'untaken'],
  ['laju_mqtt_received_total', 'Receipts of boxes for messages.', 'received'],
  ['laju_mqtt_uplinks_total', 'Messages of boxes.', 'uplinks'],
  ['laju_mqtt_dropped_total', 'Messages of boxes that mean nothing to us.', 'dropped'],
  ['laju_mqtt_in_bytes_total', 'Bytes from boxes.', 'bytesIn'],
  ['laju_mqtt_out_bytes_total', 'Bytes of messages to boxes.', 'bytesOut'],
]

const meshGauges: readonly (readonly [name: string, help: string, of: keyof MeshFigures])[] = [
  ['laju_mesh_up', 'Whether Redis carries between brokers.', 'isUp'],
  ['laju_mesh_nodes', 'Other brokers that are heard.', 'nodes'],
  ['laju_mesh_boxes', 'Boxes at other brokers, as the owner of the journal knows.', 'boxes'],
]

const meshTotals: readonly (readonly [
  name: string,
  help: string,
  of: Exclude<keyof MeshFigures, 'isUp'>,
])[] = [
  ['laju_mesh_announced_total', 'Times that all boxes were announced to an owner.', 'announced'],
  ['laju_mesh_sent_total', 'Packets that left for other brokers.', 'sent'],
  ['laju_mesh_unsent_total', 'Packets that could not leave, for Redis was away.', 'unsent'],
]

export function registerMqtt(registry: Registry, { figures, mesh }: MqttSource): void {
  registerMesh(registry, mesh ?? (() => null))
  for (const [name, help, of] of gauges) {
    gaugeIn(registry, { name, help }, () => figures()?.[of] ?? 0)
  }
  for (const [name, help, of] of totals) {
    totalIn(registry, { name, help }, () => figures()?.[of] ?? null)
  }
  const last = new Map<string, number>()
  new Counter({
    name: 'laju_mqtt_refused_total',
    help: 'What strangers and boxes were refused, by reason.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      for (const [reason, count] of Object.entries(figures()?.refused ?? {})) {
        this.inc({ reason }, count - (last.get(reason) ?? 0))
        last.set(reason, count)
      }
    },
  })
}

function registerMesh(registry: Registry, figures: () => MeshFigures | null): void {
  for (const [name, help, of] of meshGauges) {
    gaugeIn(registry, { name, help }, () => Number(figures()?.[of] ?? 0))
  }
  for (const [name, help, of] of meshTotals) {
    totalIn(registry, { name, help }, () => figures()?.[of] ?? null)
  }
}
