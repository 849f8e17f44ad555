/**
 * Where tests keep their databases: in memory on a machine with plenty of it, else where all that
 * is temporary goes. What makes a database dear in a test is files, thousands of small ones: on
 * disk a fresh database takes most of a second, in memory a fiftieth of it.
 *
 * DSC1. In memory only where both the memory and the share of it that may hold files are large;
 *       all processes of a machine come to the same answer.
 */

import { accessSync, constants, statfsSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'

const inMemory = '/dev/shm'
const memoryBytesMin = 12e9
const roomBytesMin = 6e9

export function scratchFolder(
  folder = inMemory,
  memoryBytes = totalmem(),
  elsewhere = tmpdir(),
): string {
  try {
    if (memoryBytes < memoryBytesMin) return elsewhere
    accessSync(folder, constants.W_OK | constants.X_OK)
    const { blocks, bsize } = statfsSync(folder)
    return blocks * bsize < roomBytesMin ? elsewhere : folder
  } catch {
    return elsewhere
  }
}
