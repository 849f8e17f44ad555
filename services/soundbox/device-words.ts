/**
 * What boxes and people may say, checked: payloads of uplinks, values of a configuration, arguments
 * of commands. Firmware is taken as it comes; numbers may be strings, and what is nonsense is left
 * out where the rest still means something.
 *
 * DVH1. A heartbeat with one bad value is a heartbeat without that value.
 * DVH2. An acknowledgement without a status says the best: played, applied, done.
 * DVH4. What a box writes is kept without what no journal can keep, and what is too long to keep is
 *       cut; neither costs the message.
 * DVH3. A command has the arguments of its kind, and no others; firmware comes with its SHA-256.
 */

import { z } from 'zod/v4'
import type { ConfigValues } from '../../actors/device/device-contract.ts'
import type { DeviceCommandKind } from '../contract/device.ts'
import { keepable } from './keepable.ts'
import type { Heartbeat } from './presence.ts'

const messageMax = 200
const word = z.string().transform(keepable).pipe(z.string().min(1).max(100))

/** Read by hand: of all that is said, nearly everything is this (deploy/beat.bench.ts). */
export function heartbeatOf(payload: unknown): Heartbeat | null {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return null
  const { network_strength, battery_level, firmware } = payload as Record<string, unknown>
  return {
    battery: percentOf(battery_level),
    signal: percentOf(network_strength),
    firmware:
      typeof firmware === 'string' && firmware.length <= 60 ? keepable(firmware) : undefined,
  }
}

function percentOf(value: unknown): number | undefined {
  const isText = typeof value === 'string' && /^\d{1,3}(\.\d+)?$/.test(value)
  const number = isText ? Number(value) : value
  if (typeof number !== 'number' || !(number >= 0 && number <= 100)) return undefined
  return Math.round(number)
}

export const ack = z.object({
  message_id: word,
  status: z.enum(['received', 'played', 'unsaid']).default('played'),
})

export const configAck = z.object({
  version: z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
    ])
    .pipe(z.number().int().min(1)),
  status: z.enum(['applied', 'rejected']).default('applied'),
})

export const commandAck = z.object({
  command_id: word,
  status: z.enum(['done', 'failed']).default('done'),
  message: z
    .string()
    .catch('')
    .transform(text => keepable(text.slice(0, messageMax))),
})

export const qrRequest = z.object({
  request_id: word,
  amount: z.number().int().min(1).max(999_999_999_999),
})

const lang = z.string().regex(/^[a-z]{2,3}$/)

const known = {
  volume: z.number().int().min(0).max(100),
  language: lang,
  heartbeat_s: z.number().int().min(10).max(3_600),
} as const

const value = z.union([z.string().max(200), z.number(), z.boolean(), z.null()])

/** Names that we know have bounds; others are the firmware's own. */
export const configPatch = z
  .record(z.string().regex(/^[a-z][a-z0-9_]{0,39}$/), value)
  .refine(patch => Object.keys(patch).length > 0 && !('version' in patch))
  .superRefine((patch, context) => {
    for (const [name, shape] of Object.entries(known)) {
      const given = patch[name]
      if (given === undefined || given === null || shape.safeParse(given).success) continue
      context.addIssue({ code: 'custom', path: [name] })
    }
  })

const args: Readonly<Record<DeviceCommandKind, z.ZodType<ConfigValues>>> = {
  reboot: z.strictObject({}),
  volume: z.strictObject({ level: known.volume }),
  language: z.strictObject({ lang }),
  play_test: z
    .strictObject({ text: z.string().min(1).max(200).optional() })
    .transform(({ text }): ConfigValues => (text === undefined ? {} : { text })),
  ota: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }).max(500),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      version: z.string().min(1).max(60).optional(),
    })
    .transform(
      ({ version, ...rest }): ConfigValues => (version === undefined ? rest : { ...rest, version }),
    ),
}

export const commandArgs = (kind: DeviceCommandKind, given: unknown): ConfigValues | null => {
  const read = args[kind].safeParse(given)
  return read.success ? read.data : null
}

export const model = z.strictObject({
  vendor: z.string().min(1).max(60),
  name: z.string().min(1).max(60),
  acks: z.enum(['played', 'received', 'none']),
  adapter: z.string().regex(/^[a-z0-9-]{1,40}$/),
  serial: z
    .string()
    .regex(/^[A-Za-z0-9_.:-]{1,64}$/)
    .optional(),
  names: z
    .record(z.string().regex(/^[a-z]{1,20}$/), z.string().regex(/^[A-Za-z0-9_.:-]{1,64}$/))
    .refine(names => Object.keys(names).length <= 8)
    .optional(),
})
