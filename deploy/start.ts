/**
 * The whole program, put together. Parts are opened in the order in which they need each other and
 * closed in the opposite one.
 *
 *   settings ─▶ ground ─▶ base ─▶ node ─▶ lines ─▶ doors ─▶ ready line
 *
 * DX2. What can not start says in one sentence what is wrong and what to do, and leaves with 2.
 * DX4. Whoever read our log may be gone: what it would have heard is lost, and nothing else.
 * DX7. An argument is never passed over: who gives one hears where settings are.
 */

import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { DatabaseRefused } from '../sql/database.ts'
import { MigrationRefused } from '../sql/migrate.ts'
import { openBase } from './base.ts'
import { furnishDemo, joinSandbox } from './demo/town.ts'
import { openDoors } from './doors.ts'
import { Ending } from './ending.ts'
import { checkPlace, openGround } from './ground.ts'
import { openLines } from './lines/all.ts'
import { readTls } from './lines/mqtt.ts'
import { openNode } from './node.ts'
import { openLog } from './program-log.ts'
import { sayReady } from './ready-line.ts'
import { loadSettings, type Settings } from './settings.ts'
import { StartFailure } from './start-failure.ts'

const began = performance.now()
// The launcher's large nursery is meant for this thread, which has it by now. While its flag stands
// each worker takes as much, whatever its own limits say: 110 MB in the caller's alone.
setFlagsFromString('--max-semi-space-size=0')
const root = join(import.meta.dirname, '..')

const ending = new Ending()
// A pipe that is broken is an error at each line, and an error that nobody hears ends the program.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

try {
  takesNone(process.argv.slice(2))
  await ending.after(start(loadSettings(root)))
} catch (cause) {
  await fail(cause)
}

function takesNone(given: readonly string[]): void {
  if (given.length === 0) return
  throw new StartFailure(
    `"${given.join(' ')}" is no setting: npm start takes no arguments. Settings are in the ` +
      'environment or in .env, as in "PORT=8080 npm start"; .env.example lists them.',
  )
}

async function start(settings: Settings): Promise<void> {
  const log = openLog(settings)
  for (const notice of settings.notices) log('warn', notice)
  await checkPlace(settings)
  const tls = readTls(settings)
  const ground = await openGround({ settings, log, ending, onLost: fail })
  if (ending.isAsked) return
  const base = await openBase({ settings, log, ending, ground })
  const node = await openNode(base)
  const lines = await openLines(base, node)
  for (const service of lines.services) node.broker.createService(service)
  await lines.start()

  const { db, seal, demo } = base
  const { sandboxUrl } = ground
  const { callbackSecret } = lines.soundbox
  const { call, room, later } = node
  const { dataDir, shards } = settings
  const town = { db, seal, call, callbackSecret, dataDir, shards, now: room.now, sandboxUrl }
  const demoDevice = demo === null ? null : await furnishDemo(demo, town)
  const { port, mqttPort, publicUrl } = await openDoors({ base, node, lines, tls, demoDevice })
  if (demo !== null && sandboxUrl !== null) {
    const { refreshGateways } = lines
    const known = await joinSandbox(demo, { ...town, sandboxUrl, publicUrl, refreshGateways })
    // Whoever held the shards meanwhile told the sandbox to call elsewhere.
    later.recovered.push(() => void known.register().catch(() => {}))
    await known.register()
  }
  // Now, for who is killed keeps nothing for the next start.
  flushCompileCache()
  if (ending.isAsked) return
  const ms = Math.round(performance.now() - began)
  sayReady(settings, { port, mqttPort, sandbox: sandboxUrl, ms })
}

async function fail(cause: unknown): Promise<void> {
  for (const sentence of sentencesOf(cause)) process.stderr.write(`\n  ${sentence}\n\n`)
  await ending.leave(2)
}

function sentencesOf(cause: unknown): readonly string[] {
  if (cause instanceof StartFailure) return cause.problems
  if (cause instanceof MigrationRefused || cause instanceof DatabaseRefused) return [cause.message]
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  return [`Laju could not start: ${text}`]
}
