/**
 * What the engine needs of a journal: append a batch or nothing, and give back what was written.
 * One side is Postgres, the other is memory for the simulation; both keep the same promises.
 *
 * J1. An append is whole or absent, and every line of it follows its shard's last one.
 *     Behind one that failed, those that were already called fail as well.
 * J2. An append by a process whose lease was taken over fails and leaves nothing.
 * J3. `recover` and `load` give back what was appended, byte for byte.
 */

import type { Batch, Found, Want } from './host.ts'
import type { Key } from './ids.ts'
import type { Line } from './record.ts'
import type { ShardImage } from './shard.ts'

export type Lease = { readonly shard: number; readonly epoch: number }

export type Journal = {
  /** Takes every shard for this process; whoever held them is fenced from here on. */
  acquire(): Promise<readonly Lease[]>
  /**
   * Takes shards again that are still ours. To be done before they are read back after a doubtful
   * write: that one has landed by then, or never will.
   */
  renew(shards: readonly number[]): Promise<readonly Lease[]>
  /** True while nobody else has taken the leases. */
  holds(): Promise<boolean>
  /** True when whoever holds the leases is gone, so that they may be taken. */
  holderIsGone(): Promise<boolean>
  /** Reads shards back, a few at a time so that memory stays bounded. */
  recover(leases: readonly Lease[]): AsyncIterable<ShardImage>
  load(wants: readonly Want[]): Promise<readonly Found[]>
  /**
   * Resolves when durable; rejects with a `Fault` otherwise. It may be called again before that:
   * appends are carried out and answered in the order of the calls.
   */
  append(batch: Batch): Promise<void>
  /** Keys of all actors of a shard after `after`, in order, at most `limit`. */
  keys(shard: number, after: Key, limit: number): Promise<readonly Key[]>
  /** Every line of one actor, oldest first. */
  history(shard: number, key: Key): Promise<readonly Line[]>
  /** Lines of a shard after `seq`, in order. */
  lines(shard: number, seq: number, limit: number): Promise<readonly Line[]>
  close(): Promise<void>
}
