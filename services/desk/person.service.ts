/**
 * People of the desk: staff of the house, and those who speak for one merchant. They log in by
 * e-mail; their passwords are drawn here, shown once, and afterwards exist only hashed.
 *
 * DKC1. An e-mail belongs to one person, however it is written.
 * DKC2. A new password ends every session of the old one.
 * DKC3. Whoever speaks for a merchant speaks for that one only, and has no keys.
 * DKC4. Whoever buys here is nobody of the desk: neither listed nor given a password, though his
 *       e-mail is his.
 */

import { randomBytes, randomInt } from 'node:crypto'
import type { Context, ServiceSchema } from 'moleculer'
import { keyFrom, makeId } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import {
  addPerson,
  listPeople,
  merchantExists,
  type PersonRow,
  personByEmail,
  replacePassword,
} from '../../sql/people/people.ts'
import type { DeskActions, PersonView } from '../contract/desk.ts'
import type { Millis } from '../contract/words.ts'
import { faulted } from '../faults.ts'
import { drawPassword } from '../identity/enrol.ts'
import type { Seal } from '../seal.ts'

export type PersonDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'hashPassword'>
  readonly shards: number
  readonly now: () => Millis
}

type Params<A extends keyof DeskActions> = DeskActions[A]['params']
type Result<A extends keyof DeskActions> = Promise<DeskActions[A]['result']>

const no = (refused: 'ALREADY_EXISTS' | 'NOT_FOUND' | 'REFERENCE_UNKNOWN') =>
  ({ refused, moneyEffect: 'none' }) as const

/** Apart from the service, for the command line and the demo. */
export async function createPerson(
  { db, seal, shards, now }: PersonDeps,
  wish: Params<'person.create'>,
): Result<'person.create'> {
  const merchantId = wish.role === 'merchant' ? wish.merchantId : null
  if (merchantId !== null && !(await merchantExists(db.pool, merchantId))) {
    return no('REFERENCE_UNKNOWN')
  }
  const dice = randomBytes(8)
  const key = keyFrom(dice.readUInt32BE(0), dice.readUInt32BE(4))
  const userId = makeId(now(), randomInt(shards), key)
  const password = drawPassword()
  const email = wish.email.toLowerCase()
  const isAdded = await addPerson(db.pool, {
    ...{ userId, email, name: wish.name, role: wish.role, merchantId, by: wish.by },
    merchantRole: wish.role === 'merchant' ? wish.merchantRole : null,
    passwordHash: await seal.hashPassword(password),
  })
  if (!isAdded) return no('ALREADY_EXISTS')
  return { ok: { ...viewOf((await personByEmail(db.pool, email))!), password } }
}

export async function rotatePerson(
  { db, seal }: Pick<PersonDeps, 'db' | 'seal'>,
  { email }: Pick<Params<'person.rotate'>, 'email'>,
): Result<'person.rotate'> {
  const row = await personByEmail(db.pool, email)
  if (row === null) return no('NOT_FOUND')
  const password = drawPassword()
  await replacePassword(db.pool, {
    userId: row.userId,
    passwordHash: await seal.hashPassword(password),
  })
  return { ok: { ...viewOf(row), password } }
}

export function personService(deps: PersonDeps): ServiceSchema {
  return {
    name: 'person',
    actions: {
      create: (ctx: Context<Params<'person.create'>>) =>
        createPerson(deps, ctx.params).catch(faulted),
      rotate: (ctx: Context<Params<'person.rotate'>>) =>
        rotatePerson(deps, ctx.params).catch(faulted),
      list: ({ params }: Context<Params<'person.list'>>): Result<'person.list'> =>
        listPeople(deps.db.pool, {
          merchantId: params.merchantId ?? null,
          limit: params.limit,
        }).then(rows => ({ ok: { rows: rows.map(viewOf) } }), faulted),
    },
  } as ServiceSchema
}

function viewOf({ createdMs, merchantId, merchantRole, ...row }: PersonRow): PersonView {
  const isBound = merchantId !== null && merchantRole !== null
  return {
    ...row,
    merchant: isBound ? { merchantId, role: merchantRole } : null,
    createdAt: Math.round(createdMs),
  }
}
