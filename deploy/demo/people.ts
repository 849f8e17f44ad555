/**
 * Who can log in to the demo's desk: the two of the staff get an e-mail beside their keys, and one
 * person speaks for the demo's merchant; and somebody who rents numbers. Passwords are drawn, kept hashed, and shown in demo.json.
 *
 * DKG1. Each is made once; one whose password in demo.json no longer opens anything gets a new one.
 */

import { readFileSync } from 'node:fs'
import { createPerson, type PersonDeps, rotatePerson } from '../../services/desk/person.service.ts'
import { drawConsumer } from '../../services/identity/account.service.ts'
import { drawPassword } from '../../services/identity/enrol.ts'
import type { Seal } from '../../services/seal.ts'
import { insertConsumer } from '../../sql/people/accounts.ts'
import { clientByEmail } from '../../sql/people/clients.ts'
import { giveEmail, replacePassword } from '../../sql/people/people.ts'
import { type Demo, demoFile } from './demo.ts'
import { asObject, showInDemoFile } from './soundbox.ts'

type DemoPeopleDeps = Omit<PersonDeps, 'seal'> & {
  readonly seal: Pick<Seal, 'hashPassword' | 'verifyPassword'>
  readonly dataDir: string
}

/** Addresses that can be nobody's. */
const emails = {
  admin: 'admin@laju.test',
  finance: 'finance@laju.test',
  merchant: 'toko@laju.test',
  consumer: 'pembeli@laju.test',
} as const

export async function prepareDemoPeople(
  deps: DemoPeopleDeps,
  { staff, merchantId }: Pick<Demo, 'staff'> & { readonly merchantId: string },
): Promise<void> {
  const { pool } = deps.db
  for (const who of ['admin', 'finance'] as const) {
    await giveEmail(pool, { userId: staff[who], email: emails[who] })
  }
  const password = await ownerPassword(deps, merchantId)
  const consumer = await needConsumer(deps)
  showInDemoFile(demoFile(deps.dataDir), before => ({
    admin: { ...asObject(before['admin']), email: emails.admin },
    finance: { ...asObject(before['finance']), email: emails.finance },
    merchant: { ...asObject(before['merchant']), email: emails.merchant, password },
    consumer: { ...asObject(before['consumer']), email: emails.consumer, ...consumer },
  }))
}

async function needConsumer(deps: DemoPeopleDeps): Promise<{ user_id: string; password: string }> {
  const { db, seal, dataDir } = deps
  const email = emails.consumer
  const row = await clientByEmail(db.pool, email)
  const kept: unknown = JSON.parse(readFileSync(demoFile(dataDir), 'utf8')).consumer?.password
  const isGood =
    typeof kept === 'string' && (await seal.verifyPassword(kept, row?.passwordHash ?? ''))
  if (row !== null && isGood) return { user_id: row.userId, password: kept }
  const password = drawPassword()
  const passwordHash = await seal.hashPassword(password)
  if (row !== null) {
    await replacePassword(db.pool, { userId: row.userId, passwordHash })
    return { user_id: row.userId, password }
  }
  const wish = { name: 'Demo Pembeli', email, phone: null, passwordHash }
  const consumer = { ...drawConsumer(deps, wish), ratePerMin: 0, readPerMin: 0 }
  await insertConsumer(db.pool, { ...consumer, verifiedMs: deps.now() })
  return { user_id: consumer.userId, password }
}

async function ownerPassword(deps: DemoPeopleDeps, merchantId: string): Promise<string> {
  const email = emails.merchant
  const row = await clientByEmail(deps.db.pool, email)
  if (row === null) {
    const wish = { email, name: 'Pemilik Toko', role: 'merchant', by: 'demo', merchantId } as const
    const made = await createPerson(deps, { ...wish, merchantRole: 'owner' })
    if ('ok' in made) return made.ok.password
    throw new Error(`the demo's merchant has nobody: ${JSON.stringify(made)}`)
  }
  const content = JSON.parse(readFileSync(demoFile(deps.dataDir), 'utf8'))
  const kept: unknown = content.merchant?.password
  if (typeof kept === 'string' && (await deps.seal.verifyPassword(kept, row.passwordHash ?? '')))
    return kept
  const fresh = await rotatePerson(deps, { email })
  if ('ok' in fresh) return fresh.ok.password
  throw new Error(`the demo's merchant has nobody: ${JSON.stringify(fresh)}`)
}
