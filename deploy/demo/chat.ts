/**
 * The demo's chat: a WhatsApp and a Telegram of the sandbox and a plain inbox, on which the demo
 * reseller is known, so that a newcomer can buy by typing. What an owner has changed stays.
 *
 *   curl /whatsapp/say ─▶ sandbox ─▶ our webhook ─▶ answer ─▶ /_sandbox/messages
 *
 * CHT1. A gateway is made once; afterwards only its address follows the sandbox. One whose
 *       credentials no longer open is made anew.
 * CHT2. demo.json says from which number to type, and the inbox's token.
 * CHT3. The sandbox knows where to call after every start.
 */

import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Kind } from '../../services/chat/channels.ts'
import { gatewayPurpose } from '../../services/chat/chat.service.ts'
import { type Seal, SealBroken } from '../../services/seal.ts'
import type { Database } from '../../sql/database.ts'
import { gatewayByName, linkSender, saveGateway } from '../../sql/topup/chat.ts'
import { StartFailure } from '../start-failure.ts'
import { demoFile } from './demo.ts'

type DemoChat = {
  readonly whatsapp: Readonly<Record<string, string>>
  readonly telegram: Readonly<Record<string, string>>
}

const phone = '6281234567890'
const chatId = '1001'
const sandboxTimeoutMs = 5_000

type Deps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'open' | 'close'>
  readonly sandboxUrl: string
  readonly dataDir: string
}

export async function prepareDemoChat(deps: Deps, userId: string): Promise<DemoChat> {
  const { db, sandboxUrl, dataDir } = deps
  const whatsapp = await needGateway(deps, {
    ...{ name: 'whatsapp', kind: 'whatsapp', baseUrl: `${sandboxUrl}/whatsapp/send` },
    draw: () => ({ token: word(), send_token: word() }),
  })
  const telegram = await needGateway(deps, {
    ...{ name: 'telegram', kind: 'telegram', baseUrl: `${sandboxUrl}/telegram` },
    draw: () => ({ secret_token: word(), bot_token: `4711:${word()}` }),
  })
  const inbox = await needGateway(deps, {
    ...{ name: 'http', kind: 'plain', baseUrl: '' },
    draw: () => ({ token: word() }),
  })
  for (const [gateway, address] of [
    ['whatsapp', phone],
    ['telegram', chatId],
    ['http', phone],
  ] as const) {
    await linkSender(db.pool, { gateway, address, userId })
  }
  writeChat(demoFile(dataDir), {
    whatsapp_number: phone,
    telegram_chat_id: chatId,
    inbox_token: inbox['token']!,
  })
  return { whatsapp, telegram }
}

export async function registerChatAtSandbox(
  { whatsapp, telegram }: DemoChat,
  { sandboxUrl, publicUrl }: { sandboxUrl: string; publicUrl: string },
): Promise<void> {
  await tellSandbox(sandboxUrl, {
    ...{ party: 'whatsapp', username: 'laju', api_key: whatsapp['send_token'] },
    webhook_url: `${publicUrl}/api/v1/chat/inbox/whatsapp`,
    webhook_secret: whatsapp['token'],
  })
  await tellSandbox(sandboxUrl, {
    ...{ party: 'telegram', username: 'laju', api_key: telegram['bot_token'] },
    webhook_url: `${publicUrl}/api/v1/chat/telegram/telegram`,
    webhook_secret: telegram['secret_token'],
  })
}

async function needGateway(
  { db, seal }: Deps,
  wish: { name: string; kind: Kind; baseUrl: string; draw: () => Record<string, string> },
): Promise<Readonly<Record<string, string>>> {
  const { name, kind, baseUrl } = wish
  const row = await gatewayByName(db.pool, name)
  const kept = row === null ? null : opened(seal, row)
  const credentials = kept ?? wish.draw()
  await saveGateway(db.pool, {
    ...{ name, kind, baseUrl, grammar: row?.grammar ?? null, active: row?.active ?? true },
    credentials:
      kept === null
        ? seal.close(JSON.stringify(credentials), gatewayPurpose(name))
        : row!.credentials,
  })
  return credentials
}

/** Null for what was sealed under a master key that is lost. */
function opened(
  seal: Pick<Seal, 'open'>,
  { name, credentials }: { name: string; credentials: string },
): Record<string, string> | null {
  try {
    return JSON.parse(seal.open(credentials, gatewayPurpose(name))) as Record<string, string>
  } catch (error) {
    if (error instanceof SealBroken) return null
    throw error
  }
}

const word = (): string => randomBytes(20).toString('hex')

/** What stands there already stays. */
function writeChat(file: string, chat: Record<string, string>): void {
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : {}
  const draft = `${file}.chat.${process.pid}`
  rmSync(draft, { force: true })
  writeFileSync(draft, `${JSON.stringify({ ...before, chat }, null, 2)}\n`, {
    mode: 0o600,
    flag: 'wx',
  })
  renameSync(draft, file)
}

async function tellSandbox(sandboxUrl: string, account: object): Promise<void> {
  const url = `${sandboxUrl}/_sandbox/accounts`
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(sandboxTimeoutMs),
    body: JSON.stringify(account),
  }).catch((cause: unknown) => cause)
  if (answer instanceof Response && answer.ok) return
  throw new StartFailure(
    `The sandbox at ${url} did not take our chat accounts: ` +
      'check SANDBOX_PORT and SANDBOX_URL, or restart the sandbox.',
    { cause: answer },
  )
}
