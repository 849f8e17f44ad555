/**
 * What the program stands on: its folder, its ports, Postgres, the sandbox. What is wrong there is
 * told before anything else is opened.
 */

import { accessSync, constants, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Database } from '../sql/database.ts'
import { readInstallation, writeInstallation } from '../sql/installation.ts'
import { checkNats } from './cluster.ts'
import type { Ending } from './ending.ts'
import { makeFolder, proveWritable } from './folder.ts'
import { takenSentence } from './lines/mqtt.ts'
import { watchPostgres } from './postgres/watch.ts'
import type { Log } from './program-log.ts'
import { startSandbox } from './sandbox-process.ts'
import type { Settings } from './settings.ts'
import { StartFailure } from './start-failure.ts'

type GroundDeps = {
  readonly settings: Settings
  readonly log: Log
  readonly ending: Pick<Ending, 'add'>
  /** The Postgres that we started ended by itself: nothing can go on. */
  readonly onLost: (lost: StartFailure) => void
}

export type Ground = {
  /** Of the database. */
  readonly url: string
  /** Null: there is none. */
  readonly sandboxUrl: string | null
}

const mqttSettings = { mqttPort: 'MQTT_PORT', mqttsPort: 'MQTTS_PORT', mqttWsPort: 'MQTT_WS_PORT' }

/** Throws a StartFailure where folder, ports or NATS can't be used: nothing was started for it. */
export async function checkPlace(settings: Settings): Promise<void> {
  makeDataDir(settings.dataDir)
  await checkPort('PORT', settings.port)
  for (const name of ['mqttPort', 'mqttsPort', 'mqttWsPort'] as const) {
    await checkPort(mqttSettings[name], settings[name] ?? 0)
  }
  if (settings.natsUrl !== null) await checkNats(settings.natsUrl)
}

/** Postgres and sandbox: both, or what failed; but not before the other is up to be closed. */
export async function openGround(deps: GroundDeps): Promise<Ground> {
  const both = [openPostgres(deps), openSandbox(deps)] as const
  await Promise.allSettled(both)
  const [url, sandboxUrl] = await Promise.all(both)
  return { url, sandboxUrl }
}

/** The number of shards is part of every id: it is chosen once. */
export async function fixShards(db: Pick<Database, 'pool'>, shards: number): Promise<void> {
  const known = await readInstallation(db.pool, 'shards')
  if (known === null) await writeInstallation(db.pool, { name: 'shards', value: String(shards) })
  else if (Number(known) !== shards) {
    throw new StartFailure(
      `SHARDS is ${shards}, but this database was installed with ${known}: set SHARDS=${known}.`,
    )
  }
}

async function openPostgres({ settings, log, ending, onLost }: GroundDeps): Promise<string> {
  const { databaseUrl, dataDir } = settings
  if (databaseUrl !== null) return databaseUrl
  const server = await watchPostgres({ dataDir, log: sentence => log('info', sentence) }, onLost)
  ending.add(() => server.stop())
  const file = join(dataDir, 'postgres.json')
  writeFileSync(file, `${JSON.stringify({ url: server.url, tcp_url: server.tcpUrl })}\n`, {
    mode: 0o600,
  })
  return server.url
}

async function openSandbox({ settings, ending }: GroundDeps): Promise<string | null> {
  const { sandboxUrl, sandboxPort, dataDir } = settings
  if (sandboxUrl !== null || sandboxPort === null) return sandboxUrl
  const sandbox = await startSandbox(sandboxPort, dataDir)
  ending.add(() => sandbox.stop())
  return sandbox.url
}

function makeDataDir(dataDir: string): void {
  try {
    makeFolder(dataDir)
    accessSync(dataDir, constants.R_OK | constants.W_OK)
    proveWritable(dataDir)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new StartFailure(
      `DATA_DIR is ${dataDir}, and that is no folder that can be written (${code}): set another.`,
      { cause },
    )
  }
}

/** Before anything is started for nothing: is the address free? */
async function checkPort(name: string, port: number): Promise<void> {
  if (port === 0) return
  await new Promise<void>((resolve, reject) => {
    const probe = createServer()
    probe.once('error', cause => reject(new StartFailure(takenSentence(name, port), { cause })))
    probe.listen(port, () => probe.close(() => resolve()))
  })
}
