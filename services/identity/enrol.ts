/**
 * How clients begin, change keys and stop. Everything that lets somebody in is generated here,
 * shown once in the answer, and afterwards exists only sealed or hashed.
 *
 * I12. A client's id carries a shard drawn at random, so that owners of money spread over all.
 * I13. What was handed out works at once, and its plain text is in no table.
 * I14. After a rotation the old key stops and the new one works, in one write.
 * I15. Many clients are made by one statement: all or none.
 * I17. PIN and password rest twice: hashed for who only compares, sealed for the signs of OtomaX,
 *      which are computed from their plain text; both are replaced in one write.
 */

import { randomBytes, randomInt } from 'node:crypto'
import { keyFrom, makeId } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import {
  addClients,
  keepLogin,
  type Login,
  type NewClient,
  replaceApiKey,
  replaceKeys,
  replaceLogin,
} from '../../sql/people/clients.ts'
import type { Role } from '../contract/identity.ts'
import type { Seal } from '../seal.ts'
import { apiKeyPurpose, keyPurpose, loginPurpose } from './identity.service.ts'

export type EnrolDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Seal
  readonly shards: number
  readonly now?: () => number
}

export type Enrolment = {
  readonly name: string
  readonly level?: number
  readonly role?: Role
  readonly upline?: string
  readonly ipAllow?: readonly string[]
  /** 0 = no limit. */
  readonly ratePerMin?: number
  /** Null: twice the rate of orders. */
  readonly readPerMin?: number | null
}

/** Shown once. */
export type Credentials = {
  readonly userId: string
  readonly username: string
  readonly apiKey: string
  readonly memberId: string
  readonly pin: string
  readonly password: string
  readonly hmacKey: string
  readonly hmacSecret: string
}

/** Made in bulk for machines: these sign, and have neither PIN nor password. */
export type MachineCredentials = Omit<Credentials, 'pin' | 'password'>

const ratePerMinDefault = 60
const bulkMax = 100_000

export async function enrol(deps: EnrolDeps, enrolment: Enrolment): Promise<Credentials> {
  const login = drawLogin()
  const { credentials, row } = draw(deps, enrolment)
  await addClients(deps.db.pool, [{ ...row, ...(await closed(deps.seal, row.userId, login)) }])
  return { ...credentials, ...login }
}

/** For benches and imports. The names are numbered from 1. */
export async function enrolMany(
  deps: EnrolDeps,
  { count, ...enrolment }: Enrolment & { count: number },
): Promise<MachineCredentials[]> {
  if (!Number.isSafeInteger(count) || count < 1 || count > bulkMax) {
    throw new RangeError(`from 1 to ${bulkMax} clients at once, not ${count}`)
  }
  const drawn = Array.from({ length: count }, (_, n) =>
    draw(deps, { ...enrolment, name: `${enrolment.name} ${n + 1}` }),
  )
  await addClients(
    deps.db.pool,
    drawn.map(({ row }) => row),
  )
  return drawn.map(({ credentials }) => credentials)
}

/** Stops all keys of the REST signature and gives one new. Null when there is no such client. */
export async function rotateKey(
  { db, seal }: EnrolDeps,
  userId: string,
): Promise<Pick<Credentials, 'hmacKey' | 'hmacSecret'> | null> {
  const { hmacKey, hmacSecret } = drawKey()
  const keySecret = seal.close(hmacSecret, keyPurpose(hmacKey))
  const isDone = await replaceKeys(db.pool, { userId, keyId: hmacKey, keySecret })
  return isDone ? { hmacKey, hmacSecret } : null
}

/** Replaces the key of the Digiflazz dialect. Null when there is no such client. */
export async function rotateApiKey(
  { db, seal }: EnrolDeps,
  userId: string,
): Promise<Pick<Credentials, 'apiKey'> | null> {
  const apiKey = drawApiKey()
  const sealed = seal.close(apiKey, apiKeyPurpose(userId))
  return (await replaceApiKey(db.pool, { userId, apiKey: sealed })) ? { apiKey } : null
}

/** Replaces PIN and password. Null when there is no such client. */
export async function resetLogin({ db, seal }: EnrolDeps, userId: string): Promise<Secrets | null> {
  const login = drawLogin()
  const rest = await closed(seal, userId, login)
  return (await replaceLogin(db.pool, { userId, ...rest })) ? login : null
}

/** Seals a PIN and password that are in use already. False when there is no such client. */
export function sealLogin(
  { db, seal }: Pick<EnrolDeps, 'db' | 'seal'>,
  userId: string,
  login: Secrets,
): Promise<boolean> {
  return keepLogin(db.pool, { userId, ...sealed(seal, userId, login) })
}

function draw(
  { seal, shards, now = Date.now }: EnrolDeps,
  enrolment: Enrolment,
): { credentials: MachineCredentials; row: NewClient } {
  const dice = randomBytes(8)
  const key = keyFrom(dice.readUInt32BE(0), dice.readUInt32BE(4))
  const userId = makeId(now(), randomInt(shards), key)
  const credentials: MachineCredentials = {
    userId,
    username: `lj${word(14).toLowerCase()}`,
    apiKey: drawApiKey(),
    memberId: `LJ${word(10)}`,
    ...drawKey(),
  }
  const { name, level = 0, role = 'reseller', upline = null } = enrolment
  const { ipAllow = [], ratePerMin = ratePerMinDefault, readPerMin = null } = enrolment
  const row: NewClient = {
    userId,
    username: credentials.username,
    name,
    level,
    role,
    upline,
    apiKey: seal.close(credentials.apiKey, apiKeyPurpose(userId)),
    memberId: credentials.memberId,
    pinHash: null,
    passwordHash: null,
    pinSealed: null,
    passwordSealed: null,
    ipAllow,
    ratePerMin,
    readPerMin,
    keyId: credentials.hmacKey,
    keySecret: seal.close(credentials.hmacSecret, keyPurpose(credentials.hmacKey)),
  }
  return { credentials, row }
}

type Secrets = Pick<Credentials, 'pin' | 'password'>

const drawLogin = (): Secrets => ({
  pin: String(randomInt(1_000_000)).padStart(6, '0'),
  password: drawPassword(),
})

export const drawPassword = (): string => word(16)

async function closed(seal: Seal, userId: string, login: Secrets): Promise<Login> {
  const [pinHash, passwordHash] = await Promise.all([
    seal.hash(login.pin),
    seal.hashPassword(login.password),
  ])
  return { pinHash, passwordHash, ...sealed(seal, userId, login) }
}

const sealed = (seal: Seal, userId: string, { pin, password }: Secrets) => ({
  pinSealed: seal.close(pin, loginPurpose(userId, 'pin')),
  passwordSealed: seal.close(password, loginPurpose(userId, 'password')),
})

const drawKey = () => ({
  hmacKey: `lk_${randomBytes(15).toString('hex')}`,
  hmacSecret: randomBytes(32).toString('base64url'),
})

const drawApiKey = () => randomBytes(20).toString('hex')

/**
 * Letters and digits that survive being read aloud (no I, L, O, U). In capitals, because OtomaX
 * clients sign with the member id in capitals.
 */
function word(length: number): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  return Array.from(randomBytes(length), byte => alphabet[byte % 32]).join('')
}
