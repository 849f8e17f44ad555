/** What the MQTT broker counts, in Prometheus' words; read at the moment of scraping. */

import { Counter, Gauge, type Registry } from 'prom-client'

/** As the broker keeps them: how it stands now, and totals since its start. */
export type MqttFigures = {
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

/** Null as long as there is no broker. */
export type MqttSource = { readonly figures: () => MqttFigures | null }

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

export function registerMqtt(registry: Registry, { figures }: MqttSource): void {
  for (const [name, help, of] of gauges) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(figures()?.[of] ?? 0)
      },
    })
  }
  for (const [name, help, of] of totals) {
    let last = 0
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        const value = figures()?.[of] ?? last
        this.inc(Math.max(0, value - last))
        last = value
      },
    })
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
