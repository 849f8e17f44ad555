/** The reseller area's door. */

import { signIn } from '../kit/session.js'
import { signInPage } from '../kit/sign-in.js'
import { sentenceOf } from './api.js'
import { text } from './text.id.js'

export const open = signInPage({
  words: text.signIn,
  signIn: (username, password, code) => signIn({ username, password, code }),
  sentenceOf,
})
