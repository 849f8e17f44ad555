/** Every outside party of the sandbox. A new one is its file and its line here. */

import { acquirer } from './acquirer.ts'
import { atlantic } from './atlantic.ts'
import { digiflazz } from './digiflazz.ts'
import { handlerApi } from './handler-api.ts'
import { telegram, whatsapp } from './messengers.ts'
import { moota } from './moota.ts'
import { otomax } from './otomax.ts'
import type { PartyKind } from './party.ts'
import { rumahotp } from './rumahotp.ts'
import { rumahotpDeposits } from './rumahotp-deposits.ts'
import { smtp } from './smtp.ts'
import { vip } from './vip.ts'

export const kinds: readonly PartyKind[] = [
  digiflazz,
  otomax,
  atlantic,
  rumahotp,
  rumahotpDeposits,
  handlerApi,
  vip,
  moota,
  acquirer,
  whatsapp,
  telegram,
  smtp,
]
