/** Soundboxes: who may connect, where they stand, how they are, and what they are to say. */

import type { Answer } from './answer.ts'
import type { Millis, Rupiah } from './words.ts'

export type DeviceStatus = 'active' | 'blocked' | 'retired'
export type DeviceAcks = 'played' | 'received' | 'none'
export type DeviceValues = Readonly<Record<string, string | number | boolean>>

export type DeviceModel = {
  readonly vendor: string
  readonly name: string
  /** The best word that it can give of a payment. */
  readonly acks: DeviceAcks
  /** Which topics and payloads its firmware speaks; `laju` are our own. */
  readonly adapter: string
  /** It may log in with this name as well. */
  readonly serial?: string
  /** Further names of its own that its topics need. */
  readonly names?: Readonly<Record<string, string>>
}

/** Who a box proved to be. */
export type DeviceLogin = {
  readonly deviceId: string
  readonly generation: number
  readonly adapter: string
  readonly acks: DeviceAcks
  readonly merchantId: string | null
  readonly outletId: string | null
  readonly terminalId: string | null
}

export type DeviceHealth = {
  readonly online: boolean
  /** mqtt: connected; http: asked lately. */
  readonly via: 'mqtt' | 'http' | null
  readonly score: number
  /** Words of actors/device/health.ts. */
  readonly reasons: readonly string[]
  readonly lastSeenAt: Millis | null
  readonly battery: number | null
  readonly signal: number | null
  readonly firmware: string | null
}

export type DeviceConfig = {
  readonly desired: {
    readonly version: number
    readonly values: DeviceValues
    readonly at: Millis
  } | null
  readonly reported: {
    readonly version: number
    readonly status: 'applied' | 'rejected'
    readonly at: Millis
  } | null
  readonly drift: boolean
}

export type DeviceView = {
  readonly deviceId: string
  readonly status: DeviceStatus
  readonly statusReason: string
  readonly model: DeviceModel
  readonly credential: {
    readonly generation: number
    readonly fingerprint: string
    /** Until then the one before opens the door as well. */
    readonly previousUntil: Millis | null
  }
  readonly binding: {
    readonly merchantId: string
    readonly outletId: string
    readonly terminalId: string
    readonly since: Millis
  } | null
  readonly config: DeviceConfig
  readonly health: DeviceHealth
  /** Payments that wait to be spoken, and those that came too late and were not yet told. */
  readonly waiting: number
  readonly missed: number
  readonly openCommands: number
  readonly createdAt: Millis
}

export type DeviceCommandKind = 'reboot' | 'volume' | 'language' | 'play_test' | 'ota'

export type DeviceCommandView = {
  readonly commandId: string
  readonly kind: DeviceCommandKind
  readonly args: DeviceValues
  readonly status: 'queued' | 'sent' | 'done' | 'failed' | 'expired'
  readonly message: string
  readonly by: string
  readonly at: Millis
  readonly expiresAt: Millis
  readonly endedAt: Millis | null
}

/** What became of one message about a payment; times that nobody told are null. */
export type SoundProof = {
  readonly messageId: string
  readonly transactionId: string
  readonly deviceId: string
  readonly amount: Rupiah
  readonly queuedAt: Millis | null
  readonly publishedAt: Millis | null
  readonly publishedTimes: number
  readonly receivedAt: Millis | null
  readonly outcome: 'played' | 'digest' | 'silent' | null
  /** What the box said of it, or why it was not spoken. */
  readonly why: string | null
  readonly endedAt: Millis | null
}

/** As it is published, whichever way it goes. */
export type DeviceMessage = {
  readonly topic: 'payment' | 'summary' | 'config' | 'command' | 'dynamic-qr/response'
  readonly payload: Readonly<Record<string, unknown>>
}

export type MqttMessage = {
  readonly at: Millis
  readonly direction: 'up' | 'down'
  readonly topic: string
  /** Bounded. */
  readonly payload: string
}

/** Of a secret that somebody else made and tells, so that it is written down nowhere. */
export type KeptSecret = { readonly salt: string; readonly hash: string }

export type DeviceActions = {
  /** `deviceId`: or the serial number. DEVICE_INVALID for whatever is not right; a box that was blocked hears so. */
  'device.login': {
    params: { deviceId: string; secret: string; address: string }
    result: Answer<DeviceLogin>
  }
  /** The token that is the same for all boxes, where the settings name one. */
  'device.vouched': {
    params: { deviceId: string; token: string; address: string }
    result: Answer<DeviceLogin>
  }
  /** What a box without MQTT says of itself; of one with MQTT it comes by the broker's door. */
  'device.uplink': {
    params: {
      deviceId: string
      topic: 'heartbeat' | 'ack' | 'config/ack' | 'command/ack'
      payload: unknown
    }
    result: Answer<null>
  }

  'device.provision': {
    /**
     * `secret`: of firmware whose password can't be changed; else one is made and told once, the
     * same for the same `request`. Without `acks` it is the best that the firmware can say.
     */
    params: {
      model: Omit<DeviceModel, 'acks'> & { readonly acks?: DeviceAcks }
      secret?: string
      kept?: KeptSecret
      by: string
      request?: string
    }
    result: Answer<{ readonly device: DeviceView; readonly secret: string }>
  }
  'device.rotate': {
    params: { deviceId: string; graceMs: Millis; kept?: KeptSecret; by: string; request?: string }
    result: Answer<{ readonly device: DeviceView; readonly secret: string }>
  }
  /** `swap`: whoever stands there now is taken away. */
  'device.bind': {
    params: { deviceId: string; terminalId: string; swap: boolean; by: string }
    result: Answer<DeviceView>
  }
  'device.unbind': { params: { deviceId: string; by: string }; result: Answer<DeviceView> }
  'device.block': {
    params: { deviceId: string; reason: string; by: string }
    result: Answer<DeviceView>
  }
  'device.unblock': { params: { deviceId: string; by: string }; result: Answer<DeviceView> }
  'device.retire': {
    params: { deviceId: string; reason: string; by: string }
    result: Answer<DeviceView>
  }
  /** Newest first. `q`: part of an id, serial, vendor or model. */
  'device.list': {
    params: {
      merchantId?: string
      terminalId?: string
      status?: DeviceStatus
      online?: boolean
      drift?: boolean
      q?: string
      cursor?: string
      limit: number
    }
    result: Answer<{ readonly rows: readonly DeviceView[]; readonly next: string | null }>
  }
  'device.get': { params: { deviceId: string }; result: Answer<DeviceView> }
  /** What it was to say lately, newest first. */
  'device.notifications': {
    params: { deviceId: string; limit: number }
    result: Answer<{ readonly rows: readonly SoundProof[] }>
  }
  /** All that was tried for one payment, oldest first. */
  'device.proofs': {
    params: { transactionId: string }
    result: Answer<{ readonly rows: readonly SoundProof[] }>
  }
  'device.command': {
    params: {
      deviceId: string
      kind: DeviceCommandKind
      args: DeviceValues
      expiresInS?: number
      commandId?: string
      by: string
    }
    result: Answer<DeviceCommandView>
  }
  'device.commands': {
    params: { deviceId: string }
    result: Answer<{ readonly rows: readonly DeviceCommandView[] }>
  }
  /** Only these values change; null takes one away. */
  'device.configure': {
    params: {
      deviceId: string
      values: Readonly<Record<string, string | number | boolean | null>>
      version?: number
      by: string
    }
    result: Answer<DeviceConfig>
  }
  'device.config': { params: { deviceId: string }; result: Answer<DeviceConfig> }
  /** Again, also where the box refused it; false: it is not connected. */
  'device.pushConfig': {
    params: { deviceId: string; by: string }
    result: Answer<{ readonly pushed: boolean; readonly config: DeviceConfig }>
  }
  /** What went over its topics lately, newest first; as long as this process remembers. */
  'device.mqttMessages': {
    params: { deviceId: string; limit: number }
    result: Answer<{ readonly rows: readonly MqttMessage[] }>
  }
  /** For a box that asks instead of being told: what it is to say and do now. */
  'device.poll': {
    params: { deviceId: string }
    result: Answer<{ readonly messages: readonly DeviceMessage[] }>
  }
}
