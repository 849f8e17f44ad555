/**
 * The demo's bank account, and the Moota of the sandbox that watches it: so that a newcomer sees a
 * deposit arrive. What an owner has changed stays as he left it.
 *
 * C40. An account and a feed are made once; afterwards only the feed's address follows the sandbox.
 * C41. The sandbox knows account and secret after every start.
 */

import { randomBytes, randomInt } from 'node:crypto'
import { mootaSecretPurpose, mootaTokenPurpose } from '../../services/deposit/moota.ts'
import { type Seal, SealBroken } from '../../services/seal.ts'
import type { Database } from '../../sql/database.ts'
import {
  putBankAccount,
  putBankFeed,
  readBankAccounts,
  readBankFeed,
} from '../../sql/money/deposits.ts'
import { StartFailure } from '../start-failure.ts'

type DemoBank = {
  readonly number: string
  readonly token: string
  readonly webhookSecret: string
}

const code = 'bca'
const sandboxTimeoutMs = 5_000

/** Null when the owner has made arrangements of his own. */
export async function prepareDemoBank(deps: {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'open' | 'close'>
  readonly sandboxUrl: string
}): Promise<DemoBank | null> {
  const { db, seal, sandboxUrl } = deps
  const accounts = await readBankAccounts(db.pool)
  const feed = await readBankFeed(db.pool, 'moota')
  if (accounts.length === 0) {
    const number = String(randomInt(1_000_000_000, 9_999_999_999))
    const account = { code, bank: 'BCA', number, holder: 'PT Demo Laju', active: true }
    await putBankAccount(db.pool, account)
  }
  const account = (await readBankAccounts(db.pool)).find(one => one.code === code)
  if (account === undefined) return null
  const isOurs = feed === null || feed.baseUrl.includes('/moota/api/v2')
  if (!isOurs) return null
  const kept = feed === null ? null : opened(seal, feed)
  const secrets = kept ?? {
    token: randomBytes(20).toString('hex'),
    webhookSecret: randomBytes(20).toString('hex'),
  }
  await putBankFeed(db.pool, {
    code: 'moota',
    baseUrl: `${sandboxUrl}/moota/api/v2`,
    token: kept === null ? seal.close(secrets.token, mootaTokenPurpose) : feed!.token,
    webhookSecret:
      kept === null ? seal.close(secrets.webhookSecret, mootaSecretPurpose) : feed!.webhookSecret,
    pollMinutes: feed?.pollMinutes ?? 1,
    active: feed?.active ?? true,
  })
  return { number: account.number, ...secrets }
}

export async function registerBankAtSandbox(
  bank: DemoBank,
  { sandboxUrl, publicUrl }: { sandboxUrl: string; publicUrl: string },
): Promise<void> {
  const url = `${sandboxUrl}/_sandbox/accounts`
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(sandboxTimeoutMs),
    body: JSON.stringify({
      party: 'moota',
      username: bank.number,
      api_key: bank.token,
      webhook_url: `${publicUrl}/api/v1/callbacks/moota`,
      webhook_secret: bank.webhookSecret,
    }),
  }).catch((cause: unknown) => cause)
  if (answer instanceof Response && answer.ok) return
  throw new StartFailure(
    `The sandbox at ${url} did not take our bank account: ` +
      'check SANDBOX_PORT and SANDBOX_URL, or restart the sandbox.',
    { cause: answer },
  )
}

/** Null for what was sealed under a master key that is lost. */
function opened(
  seal: Pick<Seal, 'open'>,
  feed: { readonly token: string | null; readonly webhookSecret: string | null },
): Omit<DemoBank, 'number'> | null {
  if (feed.token === null || feed.webhookSecret === null) return null
  try {
    return {
      token: seal.open(feed.token, mootaTokenPurpose),
      webhookSecret: seal.open(feed.webhookSecret, mootaSecretPurpose),
    }
  } catch (error) {
    if (error instanceof SealBroken) return null
    throw error
  }
}
