/** A key that nobody has: for what is made by asking, and not found by a reference. */

import { randomInt } from 'node:crypto'
import { type Key, keyFrom } from '../engine/ids.ts'

export const freshKey = (): Key => keyFrom(randomInt(2 ** 30), randomInt(2 ** 32))
