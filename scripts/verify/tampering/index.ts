/** Every way of tampering that we could think of, by what the forger holds. */
import { contents } from './contents.ts'
import { files } from './files.ts'
import { form } from './form.ts'
import { insiders } from './insider.ts'

/** Shown by the receipts alone. */
export const withoutKey = [...contents, ...files, ...form]
/** Shown by what an earlier check has seen. */
export const withKey = insiders
