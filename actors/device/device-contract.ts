/** The words of a soundbox: what it can be, be told, have happen to it, and ask of others. */

import type { ActorId, Millis } from '../../engine/ids.ts'
import type { Rupiah } from '../../engine/money.ts'

/** The best word that a box can give of a payment: none at all is known where it never answers. */
export type Acks = 'played' | 'received' | 'none'

export type Model = {
  readonly vendor: string
  readonly name: string
  readonly acks: Acks
  /** Which topics and payloads its firmware speaks; 'laju' are our own. */
  readonly adapter: string
  readonly serial?: string
  /** Further names of its own that its topics need. */
  readonly names?: Readonly<Record<string, string>>
}

/** What is kept of a secret: nobody can be logged in by it. */
export type Secret = {
  readonly generation: number
  readonly salt: string
  readonly hash: string
  /** To tell two secrets apart aloud. */
  readonly fingerprint: string
}

export type Credential = Secret & {
  /** The one before, as long as it still opens the door. */
  readonly previous?: Ending
  /** Those before that one whose time was not over yet when it came; the newest first. */
  readonly earlier?: readonly Ending[]
  /** Fingerprints of the last that were drawn for somebody's request, the newest last. */
  readonly drawn?: readonly string[]
}

type Ending = Secret & { readonly until: Millis }

export type Place = {
  readonly merchant: ActorId
  readonly outlet: string
  readonly terminal: string
}
export type Binding = Place & { readonly since: Millis }

/** A payment to be spoken. `at`: when it was paid. */
export type Notice = {
  readonly messageId: string
  readonly payment: ActorId
  readonly amount: Rupiah
  readonly text: string
  readonly lang: string
  readonly at: Millis
}

/** Payments that came too late to be spoken, counted together. */
export type Digest = { readonly count: number; readonly total: Rupiah; readonly since: Millis }
/** A digest as it was told to the box; it stays until the box says that it has it. */
export type Summary = Digest & { readonly messageId: string; readonly at: Millis }

export type ConfigValue = string | number | boolean
export type ConfigValues = Readonly<Record<string, ConfigValue>>
export type Config = {
  readonly desired: {
    readonly version: number
    readonly values: ConfigValues
    readonly at: Millis
  } | null
  readonly reported: {
    readonly version: number
    readonly status: ConfigStatus
    readonly at: Millis
  } | null
}
export type ConfigStatus = 'applied' | 'rejected'

export type CommandKind = 'reboot' | 'volume' | 'language' | 'play_test' | 'ota'
export type CommandStatus = 'queued' | 'sent' | 'done' | 'failed' | 'expired'
export type DeviceOrder = {
  readonly id: string
  readonly kind: CommandKind
  readonly args: ConfigValues
  readonly by: string
  readonly at: Millis
  readonly expiresAt: Millis
  readonly status: CommandStatus
  readonly endedAt: Millis | null
  readonly message: string
}

/** Facts of every box that was ever provisioned. */
export type DeviceFacts = {
  readonly model: Model
  readonly credential: Credential
  readonly binding: Binding | null
  readonly config: Config
  /** The last fifty, oldest first. */
  readonly orders: readonly DeviceOrder[]
  /** Not yet acknowledged, in the order in which they are to be spoken. */
  readonly queue: readonly Notice[]
  readonly digest: Digest | null
  readonly summary: Summary | null
  /** What the digest is about, the last of it; and what the summary is about. */
  readonly missed?: readonly Told[]
  readonly telling?: readonly Told[]
  /** Prints of the last message ids, one after the other, the newest at the end. */
  readonly recent: string
  readonly since: Millis
}

export type DeviceState =
  | { readonly phase: 'absent' }
  | { readonly phase: 'active'; readonly device: DeviceFacts }
  | { readonly phase: 'blocked'; readonly device: DeviceFacts; readonly reason: string }
  | { readonly phase: 'retired'; readonly device: DeviceFacts; readonly reason: string }

type By = { readonly by: string }

/** How well it is known that a payment was heard. */
export type AckStatus = 'played' | 'received' | 'sent'
/** Why it was not spoken: too old, too many in front of it, or the box was taken away from it. */
export type AgedWhy = 'age' | 'full'
export type DroppedWhy = 'unbound' | 'blocked' | 'retired'
/** What the payment has to hear: which message, about which payment. */
export type Told = { readonly messageId: string; readonly payment: ActorId }

export type DeviceCommand =
  | (By & { readonly type: 'provision'; readonly model: Model; readonly secret: Secret })
  | (By & {
      readonly type: 'rotate'
      readonly secret: Secret
      readonly graceMs: Millis
      /** Drawn for a request, which may come again. */
      readonly isAsked?: true
    })
  | (By & Place & { readonly type: 'bind' })
  | (By & { readonly type: 'unbind' | 'unblock' })
  | (By & { readonly type: 'block' | 'retire'; readonly reason: string })
  /** `merchant`: whose payment it is, so that no other counter hears it. */
  | (Notice & { readonly type: 'queue'; readonly merchant?: ActorId })
  | { readonly type: 'acked'; readonly messageId: string; readonly status: AckStatus }
  | { readonly type: 'age' }
  /** Its firmware has no word for a digest: nobody will hear of what was missed. */
  | { readonly type: 'unsaid'; readonly messageId: string }
  /** The digest is about to be told under this id. */
  | { readonly type: 'summarize'; readonly messageId: string }
  /** The answer to `prove`: the payment has heard it. */
  | { readonly type: 'proved' }
  /** Only these values change; `version`: of the configuration that was looked at. */
  | (By & {
      readonly type: 'configure'
      readonly values: Readonly<Record<string, ConfigValue | null>>
      readonly version?: number
    })
  | { readonly type: 'configAcked'; readonly version: number; readonly status: ConfigStatus }
  | (By & {
      readonly type: 'command'
      readonly id: string
      readonly kind: CommandKind
      readonly args: ConfigValues
      readonly expiresAt: Millis
    })
  | { readonly type: 'commandSent'; readonly id: string }
  | {
      readonly type: 'commandAcked'
      readonly id: string
      readonly status: 'done' | 'failed'
      readonly message: string
    }
  | { readonly type: 'expire' }

export type DeviceEvent =
  | (By & { readonly type: 'provisioned'; readonly model: Model; readonly secret: Secret })
  | (By & {
      readonly type: 'rotated'
      readonly secret: Secret
      /** Until then the secret before it opens the door as well; null: no longer. */
      readonly previousUntil: Millis | null
      /** Those before keep the time that they were given; absent: they end at once. */
      readonly keeps?: true
      /** For a request, which may come again. */
      readonly drawn?: true
    })
  | (By & Place & { readonly type: 'bound' })
  | (By & { readonly type: 'unbound' | 'unblocked' })
  | (By & { readonly type: 'blocked' | 'retired'; readonly reason: string })
  | (Notice & { readonly type: 'queued' })
  | (Told & { readonly type: 'acked'; readonly status: AckStatus })
  | {
      readonly type: 'aged'
      readonly why: AgedWhy
      readonly notices: readonly Told[]
      /** They are remembered until their digest is told; absent: they were only counted. */
      readonly kept?: true
    }
  | {
      readonly type: 'dropped'
      readonly why: DroppedWhy
      readonly notices: readonly Told[]
      /** Those whose digest nobody will tell any more. */
      readonly missed?: readonly Told[]
    }
  | { readonly type: 'summarized'; readonly messageId: string }
  | {
      readonly type: 'summary_acked'
      readonly messageId: string
      /** The box has no word for it: whose payments it would have told. */
      readonly unsaid?: readonly Told[]
    }
  | (By & { readonly type: 'configured'; readonly version: number; readonly values: ConfigValues })
  | {
      readonly type: 'config_reported'
      readonly version: number
      readonly status: ConfigStatus
    }
  | (By & {
      readonly type: 'commanded'
      readonly id: string
      readonly kind: CommandKind
      readonly args: ConfigValues
      readonly expiresAt: Millis
    })
  | { readonly type: 'command_sent'; readonly id: string }
  | {
      readonly type: 'command_ended'
      readonly id: string
      readonly status: 'done' | 'failed'
      readonly message: string
    }
  | { readonly type: 'commands_expired'; readonly ids: readonly string[] }

/** How a payment's sound ended, told to the payment. */
export type DeviceEffect = {
  readonly type: 'prove'
  readonly target: 'payments'
  readonly payment: ActorId
  readonly messageId: string
  readonly outcome: 'played' | 'digest' | 'silent'
  readonly at: Millis
  /** Of one that was played: what the box said; else why it was not. */
  readonly why: AckStatus | AgedWhy | DroppedWhy | 'no_word'
}

export type Device = {
  state: DeviceState
  command: DeviceCommand
  event: DeviceEvent
  effect: DeviceEffect
  refusal:
    | 'NOT_FOUND'
    | 'ALREADY_EXISTS'
    | 'DEVICE_BLOCKED'
    | 'DEVICE_RETIRED'
    | 'DEVICE_UNBOUND'
    | 'COMMAND_LIMIT'
    | 'CONFIG_LIMIT'
    | 'STALE_VERSION'
}
