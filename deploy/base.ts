/**
 * What every line of business stands on: the database in the shape that we expect, the keys, who
 * tells of changes, the market, and in the demo its rows. No engine yet, and nobody is served.
 */

import { makeSeal, type Seal } from '../services/seal.ts'
import { type Changes, followChanges } from '../sql/changes.ts'
import { type Database, openDatabase } from '../sql/database.ts'
import { migrate } from '../sql/migrate.ts'
import { type Demo, prepareDemo } from './demo/demo.ts'
import type { Ending } from './ending.ts'
import { fixShards, type Ground } from './ground.ts'
import { type Market, openMarket } from './lines/market.ts'
import type { Log } from './program-log.ts'
import { masterKey, type Settings } from './settings.ts'

type BaseDeps = {
  readonly settings: Settings
  readonly log: Log
  readonly ending: Ending
  readonly ground: Ground
}

export type Base = BaseDeps & {
  readonly db: Database
  readonly seal: Seal
  readonly changes: Changes
  readonly market: Market
  readonly isDemo: boolean
  /** Null: this is no demo. */
  readonly demo: Demo | null
}

export async function openBase(deps: BaseDeps): Promise<Base> {
  const { settings, ending, ground } = deps
  const { mode, dataDir, shards, callbackBase } = settings
  const { url, sandboxUrl } = ground
  const isDemo = mode === 'demo'
  const db = await openDatabase(url)
  ending.add(() => db.end())
  await migrate(url)
  await fixShards(db, shards)
  const seal = makeSeal(masterKey(settings))
  const demo = isDemo ? await prepareDemo({ db, seal, shards, dataDir, sandboxUrl }) : null
  const changes = await followChanges(url)
  ending.add(() => changes.stop())
  const market = await openMarket({ db, seal, changes, isDemo, callbackBase })
  ending.add(() => market.close())
  return { ...deps, db, seal, changes, market, isDemo, demo }
}
