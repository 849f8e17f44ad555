/**
 * All settings, read once at start and handed on as plain values: below this file nobody reads the
 * environment. `.env` beside package.json is read as well; the real environment wins.
 *
 * D30. An empty string is the same as not set, but for SANDBOX_PORT and MQTT_PORT, where it means
 *      "none".
 * D31. All problems are told at once, each as one sentence that names the setting.
 * D32. Production refuses the sandbox, a missing or guessable master key, and a folder of demo
 *      data.
 * D33. Several processes are joined by NATS, and their MQTT brokers by Redis: an address that is
 *      neither's is a sentence, without it.
 * D34. The demo makes its own master key, once, readable by its owner only.
 * RSK1. RETENTION says for how many days what is kept; 0 is for ever, and days that would take away
 *       what an open question or a supplier's re-check still needs are refused.
 * D35. `.env.example` lists every setting and no other.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod/v4'
import { shardsMax } from '../engine/ids.ts'
import { newMasterKey } from '../services/seal.ts'
import { makeFolder } from './folder.ts'
import { StartFailure } from './start-failure.ts'

const port = z
  .string()
  .regex(/^\d{1,5}$/, {
    error: 'must be a port number from 0 to 65535 (0 takes a free one)',
    abort: true,
  })
  .transform(Number)
  .refine(value => value <= 65_535, 'must be a port number from 0 to 65535')

const url = (protocols: readonly string[], like: string) =>
  z.string().refine(text => {
    const parsed = URL.canParse(text) ? new URL(text) : undefined
    return parsed !== undefined && protocols.includes(parsed.protocol)
  }, `must be an address like ${like}`)

const key = z
  .string()
  .refine(text => keyBytes(text) !== undefined, 'must be 32 bytes, as 64 hex digits or as base64')
  .transform(text => keyBytes(text) ?? Buffer.alloc(0))

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const

/** Days, and the fewest that are safe: a flight outlives a supplier's window of re-checks. */
const retention = {
  callbacks: { days: 180, least: 35 },
  flights: { days: 120, least: 100 },
  chat: { days: 365, least: 35 },
  webhooks: { days: 30, least: 7 },
  unread: { days: 90, least: 7 },
  catalogue: { days: 730, least: 30 },
  serials: { days: 180, least: 7 },
  sounds: { days: 180, least: 7 },
  bulk: { days: 180, least: 35 },
  bank: { days: 365, least: 35 },
  activity: { days: 365, least: 90 },
} as const
type Kept = keyof typeof retention
const kept = Object.keys(retention) as Kept[]

/** Names as in the environment. `.env.example` says what each is for. */
const schema = z.object({
  MODE: z.enum(['demo', 'production']).default('demo'),
  PORT: port.default(3000),
  PUBLIC_URL: url(['http:', 'https:'], 'https://laju.example.id').optional(),
  TRUSTED_PROXIES: z
    .string()
    .regex(/^\d$/, 'must be how many proxies of yours stand in front, from 0 to 9')
    .transform(Number)
    .default(0),
  MQTT_PORT: port.default(1883),
  MQTTS_PORT: port.optional(),
  MQTT_WS_PORT: port.optional(),
  TLS_CERT_FILE: z.string().optional(),
  TLS_KEY_FILE: z.string().optional(),
  DEVICE_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{32,200}$/, 'must be 32 to 200 letters, digits and signs')
    .optional(),
  SANDBOX_PORT: port.optional(),
  SANDBOX_URL: url(['http:', 'https:'], 'http://127.0.0.1:4000').optional(),
  DATA_DIR: z.string().default('.data'),
  DATABASE_URL: url(
    ['postgres:', 'postgresql:'],
    'postgres://user:password@host:5432/laju',
  ).optional(),
  NATS_URL: z
    .string()
    .refine(
      text =>
        text.split(',').every(one => url(['nats:', 'tls:'], '').safeParse(one.trim()).success),
      'must be an address like nats://user:password@host:4222, or several with commas between',
    )
    .optional(),
  REDIS_URL: url(['redis:', 'rediss:'], 'rediss://user:password@host:6379').optional(),
  SHARDS: z
    .string()
    .regex(/^\d{1,4}$/, { error: 'must be a whole number from 1 to 4096', abort: true })
    .transform(Number)
    .refine(value => value >= 1 && value <= shardsMax, 'must be a whole number from 1 to 4096')
    .default(256),
  MASTER_KEY: key.optional(),
  SMTP_URL: url(['smtp:', 'smtps:'], 'smtps://user:password@mail.example.id:465').optional(),
  MAIL_FROM: z
    .string()
    .max(200)
    .regex(
      /^(?:[^\s<>@]+@[^\s<>@]+|[^<>@\r\n]+<[^\s<>@]+@[^\s<>@]+>)$/,
      'must be like "Toko <halo@example.id>"',
    )
    .default('Nokosku <halo@nokosku.test>'),
  STAFF_TOTP: z.enum(['required', 'optional']).optional(),
  LOG_LEVEL: z.enum(logLevels).default('info'),
  RETENTION: z.string().default('').transform(retentionIn),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(['http:', 'https:'], 'http://127.0.0.1:4318').optional(),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().default('').transform(headersIn),
  OTEL_SERVICE_NAME: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be 1 to 100 letters, digits, points and dashes')
    .default('laju'),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(?:0?\.\d{1,9}|0|1(?:\.0{1,9})?)$/, {
      error: 'must be a part from 0 (none) to 1 (all), like 0.01',
      abort: true,
    })
    .transform(Number)
    .default(0.01),
})

export const settingNames: readonly string[] = Object.keys(schema.shape)

type LogLevel = (typeof logLevels)[number]

export type Settings = {
  readonly mode: 'demo' | 'production'
  /** 0 means: any free port. */
  readonly port: number
  /** Base of the addresses that others call back; null means: http://127.0.0.1:<the bound port>. */
  readonly publicUrl: string | null
  /** Base of the addresses told with each purchase: what was set, for a guess may reach nobody. */
  readonly callbackBase: string | null
  /** How many entries from the right of X-Forwarded-For our own proxies wrote. */
  readonly trustedProxies: number
  /** null: no broker on plain TCP. */
  readonly mqttPort: number | null
  readonly mqttsPort: number | null
  readonly mqttWsPort: number | null
  /** Present when mqttsPort is. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null
  /** With which every box may come over HTTP; null: each with a secret of its own. */
  readonly deviceToken: string | null
  /** Start a sandbox of our own there; null means none. Always null when sandboxUrl is set. */
  readonly sandboxPort: number | null
  /** A sandbox that already runs. */
  readonly sandboxUrl: string | null
  /** Absolute. */
  readonly dataDir: string
  /** Where the brokers of several processes meet; null: each is alone. */
  readonly natsUrl: string | null
  readonly redisUrl: string | null
  /** null means embedded Postgres. */
  readonly databaseUrl: string | null
  readonly shards: number
  /** null until `masterKey(settings)` has found or made the demo's own. */
  readonly masterKey: Buffer | null
  /** null: mails wait, or go to the sandbox in the demo. */
  readonly smtpUrl: string | null
  readonly mailFrom: string
  /** Whether admin, finance and support come in with a second factor only. */
  readonly isTotpRequired: boolean
  readonly logLevel: LogLevel
  /** Days; 0 means for ever. */
  readonly retention: Readonly<Record<Kept, number>>
  /** Null: nothing is traced. */
  readonly traces: {
    readonly endpoint: string
    readonly headers: Readonly<Record<string, string>>
    readonly serviceName: string
    /** Of the requests that bring no parent. */
    readonly ratio: number
  } | null
  /** Sentences worth a line in the log: allowed, but the owner should know. */
  readonly notices: readonly string[]
}

type Raw = z.output<typeof schema>
type Environment = Readonly<Record<string, string | undefined>>

/** The settings of this process: the environment over `.env` in `root`. Throws StartFailure. */
export function loadSettings(root: string, env: Environment = process.env): Settings {
  const file = join(root, '.env')
  const written = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  const settings = parseSettings({ ...written, ...env })
  if (settings.mode === 'production' && existsSync(join(settings.dataDir, 'demo.json'))) {
    throw new StartFailure(
      `DATA_DIR is ${settings.dataDir}, which holds demo data (demo.json): ` +
        'choose a new folder for MODE=production.',
    )
  }
  return settings
}

/** Pure: what the names mean. Throws StartFailure with a sentence for each problem. */
export function parseSettings(env: Environment): Settings {
  const known = Object.fromEntries(
    settingNames.map(name => [name, env[name] === '' ? undefined : env[name]]),
  )
  const parsed = schema.safeParse(known)
  if (!parsed.success) {
    throw new StartFailure(
      parsed.error.issues.map(issue => sentence(String(issue.path[0]), issue, env)),
    )
  }
  const raw = parsed.data
  const problems = [...productionProblems(raw), ...portProblems(raw, env)]
  if (problems.length > 0) throw new StartFailure(problems)
  return settingsOf(raw, env)
}

/** The key that all others are wrapped with: given, or in the demo made in DATA_DIR/master.key. */
export function masterKey(settings: Settings): Buffer {
  if (settings.masterKey !== null) return settings.masterKey
  const file = join(settings.dataDir, 'master.key')
  try {
    if (!existsSync(file)) {
      makeFolder(settings.dataDir)
      writeFileSync(file, `${Buffer.from(newMasterKey()).toString('hex')}\n`, {
        mode: 0o600,
        flag: 'wx',
      })
    }
    const found = keyBytes(readFileSync(file, 'utf8').trim())
    if (found !== undefined) return found
  } catch (cause) {
    throw new StartFailure(
      `${file} could not be made or read (${(cause as NodeJS.ErrnoException).code}): ` +
        'make DATA_DIR a folder that this user may write, or set MASTER_KEY.',
      { cause },
    )
  }
  throw new StartFailure(`${file} is not 32 bytes in hex: restore it, or set MASTER_KEY.`)
}

function settingsOf(raw: Raw, env: Environment): Settings {
  const production = raw.MODE === 'production'
  const noSandbox = production || raw.SANDBOX_URL !== undefined || env['SANDBOX_PORT'] === ''
  const dataDir = resolve(raw.DATA_DIR)
  const notices: string[] = []
  if (production && raw.DATABASE_URL === undefined) {
    notices.push(
      `DATABASE_URL is not set, so everything is kept in embedded Postgres in ${dataDir}: ` +
        'back up that folder, or set DATABASE_URL.',
    )
  }
  if (production && env['MQTT_PORT'] !== '') {
    notices.push(
      'MQTT_PORT carries secrets of boxes in the open: where they come from outside, ' +
        'set MQTTS_PORT, and MQTT_PORT to nothing.',
    )
  }
  if (raw.DEVICE_TOKEN !== undefined) {
    notices.push(
      'DEVICE_TOKEN is set: whoever has it may speak for any box over HTTP. ' +
        'Unset it once each box comes with a secret of its own.',
    )
  }
  if (production && raw.PUBLIC_URL === undefined) {
    notices.push('PUBLIC_URL is not set, so outside parties cannot call back: set it.')
  }
  if (production && raw.SMTP_URL === undefined) {
    notices.push('SMTP_URL is not set, so mails to people wait and none goes out: set it.')
  }
  const defaultUrl = raw.PORT === 0 ? null : `http://127.0.0.1:${raw.PORT}`
  return {
    mode: raw.MODE,
    port: raw.PORT,
    publicUrl: raw.PUBLIC_URL?.replace(/\/+$/, '') ?? defaultUrl,
    callbackBase: raw.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    trustedProxies: raw.TRUSTED_PROXIES,
    mqttPort: env['MQTT_PORT'] === '' ? null : raw.MQTT_PORT,
    mqttsPort: raw.MQTTS_PORT ?? null,
    mqttWsPort: raw.MQTT_WS_PORT ?? null,
    tls:
      raw.TLS_CERT_FILE !== undefined && raw.TLS_KEY_FILE !== undefined
        ? { certFile: resolve(raw.TLS_CERT_FILE), keyFile: resolve(raw.TLS_KEY_FILE) }
        : null,
    deviceToken: raw.DEVICE_TOKEN ?? null,
    sandboxPort: noSandbox ? null : (raw.SANDBOX_PORT ?? 4000),
    sandboxUrl: raw.SANDBOX_URL?.replace(/\/+$/, '') ?? null,
    dataDir,
    natsUrl: raw.NATS_URL ?? null,
    redisUrl: raw.REDIS_URL ?? null,
    databaseUrl: raw.DATABASE_URL ?? null,
    shards: raw.SHARDS,
    masterKey: raw.MASTER_KEY ?? null,
    smtpUrl: raw.SMTP_URL ?? null,
    mailFrom: raw.MAIL_FROM,
    isTotpRequired: (raw.STAFF_TOTP ?? (production ? 'required' : 'optional')) === 'required',
    logLevel: raw.LOG_LEVEL,
    retention: raw.RETENTION,
    traces:
      raw.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? null
        : {
            endpoint: raw.OTEL_EXPORTER_OTLP_ENDPOINT,
            headers: raw.OTEL_EXPORTER_OTLP_HEADERS,
            serviceName: raw.OTEL_SERVICE_NAME,
            ratio: raw.OTEL_TRACES_SAMPLER_ARG,
          },
    notices,
  }
}

function* productionProblems(raw: Raw) {
  if (raw.MODE !== 'production') return
  for (const name of ['SANDBOX_PORT', 'SANDBOX_URL'] as const) {
    if (raw[name] === undefined) continue
    yield `${name} is set, but MODE=production never uses a sandbox: unset it.`
  }
  const howTo = 'make one with "openssl rand -hex 32" and keep it safe'
  if (raw.MASTER_KEY === undefined) {
    yield `MASTER_KEY is missing, and MODE=production needs your own: ${howTo}.`
  } else if (new Set(raw.MASTER_KEY).size < 12) {
    yield `MASTER_KEY is too regular to be a secret: ${howTo}.`
  }
}

function* portProblems(raw: Raw, env: Environment) {
  if (raw.MQTTS_PORT !== undefined) {
    for (const name of ['TLS_CERT_FILE', 'TLS_KEY_FILE'] as const) {
      if (raw[name] === undefined) yield `${name} is missing, and MQTTS_PORT needs it: set both.`
    }
  }
  const taken = new Map<number, string>()
  const own = settingsOf(raw, env)
  const ports = {
    PORT: own.port,
    MQTT_PORT: own.mqttPort,
    MQTTS_PORT: own.mqttsPort,
    MQTT_WS_PORT: own.mqttWsPort,
    SANDBOX_PORT: own.sandboxPort,
  }
  for (const [name, number] of Object.entries(ports)) {
    if (number === null || number === 0) continue
    const other = taken.get(number)
    if (other !== undefined) yield `${name} and ${other} are both ${number}: change one of them.`
    taken.set(number, name)
  }
}

/** What is wrong with a secret, without a word of it. */
const hidden: Readonly<Record<string, string>> = {
  MASTER_KEY: 'is not a key',
  DEVICE_TOKEN: 'is not such a token',
  OTEL_EXPORTER_OTLP_HEADERS: 'is not a list of headers',
}

function sentence(name: string, issue: z.core.$ZodIssue, env: Environment): string {
  const is = hidden[name] ?? `is "${shown(name, env[name] ?? '')}"`
  const want =
    issue.code === 'invalid_value'
      ? `must be one of ${issue.values.map(String).join(', ')}`
      : issue.message
  return `${name} ${is} but ${want}: correct it or unset it.`
}

/** An address may carry a password: never show more of it than its beginning. */
function shown(name: string, value: string): string {
  return /_(?:URL|ENDPOINT)$/.test(name) ? value.replace(/\/\/[^@]*@/, '//…@') : value
}

function retentionIn(text: string, context: z.RefinementCtx): Record<Kept, number> {
  const days: Record<string, number> = Object.fromEntries(
    kept.map(kind => [kind, retention[kind].days]),
  )
  const refuse = (message: string) => context.addIssue({ code: 'custom', message })
  for (const part of text.split(',').filter(one => one.trim() !== '')) {
    const [, name = '', count = ''] = /^\s*([a-z]+)\s*=\s*(\d{1,5})\s*$/.exec(part) ?? []
    const kind = kept.find(one => one === name)
    if (kind === undefined) {
      refuse(`must be like "chat=365,flights=120", of ${kept.join(', ')}`)
    } else if (Number(count) !== 0 && Number(count) < retention[kind].least) {
      refuse(`must keep ${kind} for at least ${retention[kind].least} days, or 0 for ever`)
    } else days[kind] = Number(count)
  }
  return days as Record<Kept, number>
}

/** As OpenTelemetry writes them: name=value, joined by commas, values encoded as in an address. */
function headersIn(text: string, context: z.RefinementCtx): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const part of text.split(',').filter(one => one.trim() !== '')) {
    const [, name, encoded] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*?)\s*$/.exec(part) ?? []
    const value = decoded(encoded ?? '')
    if (name === undefined || value === undefined || !/^[\t\x20-\x7e]*$/.test(value)) {
      context.addIssue({ code: 'custom', message: 'must be like "name=value,other=value"' })
    } else headers[name.toLowerCase()] = value
  }
  return headers
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function keyBytes(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return Buffer.from(text, 'base64')
  return undefined
}
