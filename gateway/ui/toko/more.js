/** On a phone: the way to everything that does not stand below. */

import { morePage } from '../kit/more.js'
import { session } from './desk.js'
import { nav, roles } from './text.id.js'

export const open = morePage({
  nav,
  who: () => `${session.user.shop.name} · ${roles[session.user.role]}`,
})
