/**
 * How secrets rest. What must be read again (API keys, supplier credentials) is sealed with
 * AES-256-GCM under the master key; what only has to be compared is hashed, PINs with scrypt and
 * passwords with argon2id, peppered with the same key, so that a stolen table of six-digit PINs
 * tells nothing.
 *
 *   s1.<key id>.<iv | ciphertext | tag>        h1.<key id>.<cost>.<salt>.<hash>    (scrypt)
 *                                              h2.<key id>.<salt>.<hash>           (argon2id)
 *
 * I1. What was sealed opens again, only for the purpose it was sealed for, and only unaltered.
 * I2. The master key can change: old values name their key and open as long as it is listed.
 * I3. The same secret never seals or hashes to the same text twice.
 * I4. A comparison takes as long for a wrong secret as for a right one; a broken hash is a no.
 * SEH1. What is derived from the master key for one purpose tells nothing about another's.
 * SEH2. A password that was hashed with scrypt is good as before, and is to be hashed anew.
 */

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto'
import { hashRaw } from '@node-rs/argon2'

export type Seal = {
  /** `purpose` binds the value to its place, e.g. `supplier:digiflazz`: it opens nowhere else. */
  readonly close: (secret: string, purpose: string) => string
  /** Throws `SealBroken` when altered, made for another purpose, or made under an unknown key. */
  readonly open: (sealed: string, purpose: string) => string
  readonly hash: (secret: string) => Promise<string>
  readonly verify: (secret: string, hashed: string) => Promise<boolean>
  readonly hashPassword: (password: string) => Promise<string>
  readonly verifyPassword: (password: string, hashed: string) => Promise<boolean>
  /** True when a password that was just right should be hashed anew. */
  readonly isOldPassword: (hashed: string) => boolean
  /** True when the value should be sealed or hashed anew, because the master key changed. */
  readonly isOld: (value: string) => boolean
  /** Always the same for one purpose and master key: for what is computed and kept nowhere. */
  readonly keyFor: (purpose: string) => Buffer
}

export class SealBroken extends Error {
  override readonly name = 'SealBroken'
}

/** The first key seals; the others only open what they sealed. Each is 32 bytes. */
export function makeSeal(masterKey: Uint8Array, ...formerKeys: readonly Uint8Array[]): Seal {
  const keys = new Map([masterKey, ...formerKeys].map(bytes => keyEntry(bytes)))
  const [currentId, current] = keyEntry(masterKey)

  const keyOf = (id: string | undefined): MasterKey => {
    const key = keys.get(id ?? '')
    if (key === undefined) throw new SealBroken(`sealed under an unknown master key (${id})`)
    return key
  }

  async function verify(secret: string, hashed: string): Promise<boolean> {
    const [version, id, cost, salt, hash] = hashed.split('.')
    const key = keys.get(id ?? '')
    const expected = Buffer.from(hash ?? '', 'base64url')
    const costRead = Number(cost)
    const isCostSane = costRead >= 10 && costRead <= 17
    const isReadable =
      version === 'h1' && key !== undefined && expected.length === hashBytes && isCostSane
    // An unreadable hash costs the same work as a readable one.
    const derived = await derive(
      key ?? current,
      secret,
      Buffer.from(salt ?? '', 'base64url'),
      isCostSane ? costRead : costLog2,
    )
    return timingSafeEqual(derived, isReadable ? expected : randomBytes(hashBytes))
  }

  return {
    close(secret, purpose) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', current.sealing, iv)
      cipher.setAAD(Buffer.from(`s1.${currentId}.${purpose}`))
      const parts = [iv, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return `s1.${currentId}.${Buffer.concat(parts).toString('base64url')}`
    },

    open(sealed, purpose) {
      const [version, id, body, ...rest] = sealed.split('.')
      const bytes = Buffer.from(body ?? '', 'base64url')
      if (version !== 's1' || rest.length > 0 || bytes.length < ivBytes + tagBytes) {
        throw new SealBroken('not a sealed value')
      }
      const key = keyOf(id)
      const decipher = createDecipheriv('aes-256-gcm', key.sealing, bytes.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAAD(Buffer.from(`s1.${id}.${purpose}`))
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      try {
        const text = decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8')
        return text + decipher.final('utf8')
      } catch (cause) {
        throw new SealBroken(`altered, or sealed for another purpose than ${purpose}`, { cause })
      }
    },

    async hash(secret) {
      const salt = randomBytes(saltBytes)
      const hash = await derive(current, secret, salt, costLog2)
      const texts = [salt, hash].map(bytes => bytes.toString('base64url'))
      return ['h1', currentId, costLog2, ...texts].join('.')
    },

    verify,

    async hashPassword(password) {
      const salt = randomBytes(saltBytes)
      const hash = await deriveSlowly(current, password, salt)
      return ['h2', currentId, ...[salt, hash].map(bytes => bytes.toString('base64url'))].join('.')
    },

    async verifyPassword(password, hashed) {
      if (hashed.startsWith('h1.')) return await verify(password, hashed)
      const [version, id, salt, hash] = hashed.split('.')
      const key = keys.get(id ?? '')
      const expected = Buffer.from(hash ?? '', 'base64url')
      const salted = Buffer.from(salt ?? '', 'base64url')
      const isReadable =
        version === 'h2' &&
        key !== undefined &&
        expected.length === hashBytes &&
        salted.length === saltBytes
      // An unreadable hash costs the same work as a readable one.
      const derived = await deriveSlowly(
        key ?? current,
        password,
        isReadable ? salted : randomBytes(saltBytes),
      )
      return timingSafeEqual(derived, isReadable ? expected : randomBytes(hashBytes))
    },

    isOldPassword: hashed => !hashed.startsWith(`h2.${currentId}.`),

    isOld: value => value.split('.')[1] !== currentId,

    keyFor: purpose => createHmac('sha256', current.deriving).update(purpose, 'utf8').digest(),
  }
}

export const newMasterKey = (): Uint8Array => randomBytes(keyBytes)

const ivBytes = 12
const tagBytes = 16
const saltBytes = 16
const hashBytes = 32
const keyBytes = 32
/** 2^14 blocks of 1 KiB: 16 MiB and some 40 ms per guess. */
const costLog2 = 14

type MasterKey = { readonly sealing: Buffer; readonly pepper: Buffer; readonly deriving: Buffer }

function keyEntry(bytes: Uint8Array): [id: string, key: MasterKey] {
  if (bytes.length !== keyBytes) throw new RangeError('a master key is 32 bytes')
  // One key per use, so that neither use can tell anything about the other.
  const forUse = (use: string) => createHmac('sha256', bytes).update(`laju ${use}`).digest()
  const id = createHash('sha256').update(forUse('key id')).digest('hex').slice(0, 8)
  const uses = { sealing: forUse('sealing'), pepper: forUse('pepper') }
  return [id, { ...uses, deriving: forUse('deriving') }]
}

/** 19 MiB and two passes, as OWASP asks at least; one lane, for the pool has few threads. */
function deriveSlowly(key: MasterKey, password: string, salt: Buffer): Promise<Buffer> {
  return hashRaw(password, {
    ...{ algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 },
    ...{ outputLen: hashBytes, salt, secret: key.pepper },
  })
}

/** Their enum is const, which erased code can't name. */
const argon2id = 2

function derive(key: MasterKey, secret: string, salt: Buffer, log2: number): Promise<Buffer> {
  const peppered = createHmac('sha256', key.pepper).update(secret, 'utf8').digest()
  return new Promise((resolve, reject) => {
    scrypt(
      peppered,
      salt,
      hashBytes,
      { N: 2 ** log2, r: 8, p: 1, maxmem: 2 ** 28 },
      (error, hash) => (error ? reject(error) : resolve(hash)),
    )
  })
}
