/** Every outside party of the sandbox. A new one is its file and its line here. */

import { digiflazz } from './digiflazz.ts'
import type { PartyKind } from './party.ts'

export const kinds: readonly PartyKind[] = [digiflazz]
