/** Soundboxes as they are shown. */

import type { DeviceOrder } from '../../actors/device/device-contract.ts'
import { healthOf } from '../../actors/device/health.ts'
import type { Millis } from '../../engine/ids.ts'
import type {
  DeviceCommandView,
  DeviceConfig,
  DeviceHealth,
  DeviceView,
} from '../contract/device.ts'
import type { Card } from './devices.ts'
import { isDrifting } from './post-office.ts'
import type { Presence } from './presence.ts'

export function deviceView(card: Card, presence: Presence, now: Millis): DeviceView {
  const { id, status, reason, model, credential, binding, waiting, since } = card
  const { generation, fingerprint, previous } = credential
  const isGracious = previous !== undefined && previous.until > now
  return {
    ...{ deviceId: id, status, statusReason: reason, model },
    credential: { generation, fingerprint, previousUntil: isGracious ? previous.until : null },
    binding:
      binding === null
        ? null
        : {
            ...{ merchantId: binding.merchant, outletId: binding.outlet },
            ...{ terminalId: binding.terminal, since: binding.since },
          },
    config: configView(card),
    health: healthView(card, presence, now),
    waiting,
    missed: missedOf(card),
    openCommands: card.orders.filter(one => one.endedAt === null).length,
    createdAt: since,
  }
}

export const configView = (card: Card): DeviceConfig => ({
  ...card.config,
  drift: isDrifting(card) || card.config.reported?.status === 'rejected',
})

export const commandView = (order: DeviceOrder): DeviceCommandView => {
  const { id: commandId, ...rest } = order
  return { commandId, ...rest }
}

function healthView(card: Card, presence: Presence, now: Millis): DeviceHealth {
  const seen = presence.of(card.id)
  const online = presence.isOnline(card.id, now)
  const [battery, signal] = [seen?.battery ?? null, seen?.signal ?? null]
  const { score, reasons } = healthOf({
    ...{ online, battery, signal, waiting: card.waiting, missed: missedOf(card) },
    silentMs: seen?.seenAt == null ? null : now - seen.seenAt,
    connects: presence.connects(card.id, now),
    drift: configView(card).drift,
  })
  return {
    ...{ online, via: online ? (seen?.via ?? null) : null, score, reasons },
    ...{ lastSeenAt: seen?.seenAt ?? null, battery, signal, firmware: seen?.firmware ?? null },
  }
}

const missedOf = ({ digest, summary }: Card): number => (digest?.count ?? 0) + (summary?.count ?? 0)
