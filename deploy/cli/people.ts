/** Who logs in at the desk, on the command line. */

import type { Answer } from '../../services/contract/answer.ts'
import type { PersonMade } from '../../services/contract/desk.ts'
import type { MerchantRole } from '../../services/contract/identity.ts'
import { createPerson, rotatePerson } from '../../services/desk/person.service.ts'
import { makeSeal } from '../../services/seal.ts'
import { noteChange } from '../../sql/people/client-admin.ts'
import { personByEmail } from '../../sql/people/people.ts'
import { dropTotp } from '../../sql/people/totp.ts'
import { masterKey } from '../settings.ts'
import { Misuse, print, snake, type Tools, values } from './words.ts'

const staffRoles = ['admin', 'finance', 'ops', 'support', 'viewer'] as const
const merchantRoles = ['owner', 'finance', 'ops', 'viewer'] as const

export async function createDeskPerson({ db, settings }: Tools): Promise<number> {
  const { email, name, merchant: merchantId, role = merchantId ? 'owner' : '' } = values
  if (email === undefined || !/^[\x21-\x7e]+@[\x21-\x7e]+$/.test(email) || name === undefined) {
    throw new Misuse('person create takes --email and --name.')
  }
  const known: readonly string[] = merchantId === undefined ? staffRoles : merchantRoles
  if (!known.includes(role)) throw new Misuse(`--role is one of ${known.join(', ')}.`)
  const deps = { db, seal: makeSeal(masterKey(settings)), shards: settings.shards, now: Date.now }
  const wish = { email, name, by: values.by ?? 'command line' }
  const made = await createPerson(
    deps,
    merchantId === undefined
      ? { ...wish, role: role as (typeof staffRoles)[number] }
      : { ...wish, ...{ merchantId, merchantRole: role as MerchantRole }, role: 'merchant' },
  )
  return toldPerson(made)
}

export async function rotateDeskPerson({ db, settings }: Tools): Promise<number> {
  const { email } = values
  if (email === undefined) throw new Misuse('person rotate takes --email.')
  return toldPerson(await rotatePerson({ db, seal: makeSeal(masterKey(settings)) }, { email }))
}

export async function takeSecondFactor({ db }: Tools): Promise<number> {
  const { email, by = 'command line' } = values
  if (email === undefined) throw new Misuse('person totp takes --email.')
  const row = await personByEmail(db.pool, email)
  if (row === null || !(await dropTotp(db.pool, row.userId))) {
    process.stderr.write('Nobody with this e-mail has a second factor.\n')
    return 1
  }
  const { userId } = row
  const note = { what: 'changed', fields: { totp: null }, reason: 'second factor', by } as const
  await noteChange(db.pool, { userId, ...note })
  process.stdout.write('The second factor is gone; the next login asks to set one up.\n')
  return 0
}

function toldPerson(made: Answer<PersonMade>): number {
  if (!('ok' in made)) {
    print(made)
    return 1
  }
  const { userId, email, name, role, merchant, password } = made.ok
  const of = { merchantId: merchant?.merchantId ?? null, merchantRole: merchant?.role ?? null }
  print(snake({ userId, email, name, role, ...of, password }))
  return 0
}
