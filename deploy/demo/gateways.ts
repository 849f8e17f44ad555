/**
 * The demo's payment gateways: the sandbox's Atlantic and RumahOTP, so that a newcomer can pay in.
 * What an owner has changed stays, but for the address, which is where the sandbox is now.
 *
 * DGD1. Each is made once, and a second start finds it. Its key is computed and shown nowhere.
 * DGD2. The sandbox knows our accounts, and where Atlantic calls back, after every start.
 */

import { gatewayPurpose } from '../../services/deposit/gateway/gateways.ts'
import type { Seal } from '../../services/seal.ts'
import type { Database } from '../../sql/database.ts'
import { putGateway, readGateways } from '../../sql/money/deposit-intents.ts'
import { StartFailure } from '../start-failure.ts'

/** Each with the sandbox's party that it is. */
const gateways = [
  { code: 'atlantic', party: 'atlantic' },
  { code: 'rumahotp', party: 'rumahotp-deposits' },
] as const

/** Not the account that a supplier of the same name may have there. */
const username = 'laju-deposit'
const sandboxTimeoutMs = 5_000

export async function prepareDemoGateways(deps: {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'close' | 'keyFor'>
  readonly sandboxUrl: string
}): Promise<void> {
  const { db, seal, sandboxUrl } = deps
  const known = await readGateways(db.pool)
  for (const { code, party } of gateways) {
    const baseUrl = `${sandboxUrl}/${party}`
    const row = known.find(one => one.code === code)
    if (row !== undefined) {
      const isOurs = row.baseUrl.endsWith(`/${party}`) && row.baseUrl !== baseUrl
      if (isOurs) await putGateway(db.pool, { ...row, baseUrl })
      continue
    }
    const credentials = JSON.stringify({ apiKey: keyOf(seal, code), username })
    await putGateway(db.pool, {
      ...{ code, adapter: code, baseUrl, timeoutMs: 20_000, maxInFlight: 16, active: true },
      ...{ amountMin: 1_000, amountMax: 5_000_000 },
      credentials: seal.close(credentials, gatewayPurpose(code)),
    })
  }
}

export async function registerGatewaysAtSandbox(
  seal: Pick<Seal, 'keyFor'>,
  { sandboxUrl, publicUrl }: { sandboxUrl: string; publicUrl: string },
): Promise<void> {
  const url = `${sandboxUrl}/_sandbox/accounts`
  for (const { code, party } of gateways) {
    const webhook =
      code === 'atlantic' ? { webhook_url: `${publicUrl}/api/v1/callbacks/atlantic` } : {}
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(sandboxTimeoutMs),
      body: JSON.stringify({ party, username, api_key: keyOf(seal, code), ...webhook }),
    }).catch((cause: unknown) => cause)
    if (answer instanceof Response && answer.ok) continue
    throw new StartFailure(
      `The sandbox at ${url} did not take our accounts at payment gateways: ` +
        'check SANDBOX_PORT and SANDBOX_URL, or restart the sandbox.',
      { cause: answer },
    )
  }
}

const keyOf = (seal: Pick<Seal, 'keyFor'>, code: string): string =>
  seal.keyFor(`demo gateway ${code}`).toString('hex').slice(0, 40)
