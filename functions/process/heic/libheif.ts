/** libheif's WebAssembly module, with the little that calling C from JavaScript needs. */
import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

/** Where the module lies. */
export const libheifFile = (): string => load.resolve('libheif-js/libheif-wasm/libheif.wasm')

type Name = `_${string}`
type Instance = { readonly HEAPU8: Uint8Array } & Readonly<Record<Name, (...values: readonly unknown[]) => number>>

export type Libheif = ReturnType<typeof openLibheif>

/**
 * An instance of its own, with its own memory: nothing of another image is in it.
 * @param compiled what `libheifFile` holds
 * @param refusal makes an error of libheif's message
 */
export function openLibheif(compiled: WebAssembly.Module, refusal: (message: string) => Error) {
  const instance: Instance = load('libheif-js/libheif-wasm/libheif.js')({
    instantiateWasm(imports: WebAssembly.Imports, ready: (made: WebAssembly.Instance) => void) {
      const made = new WebAssembly.Instance(compiled, imports)
      ready(made)
      return made.exports
    },
    print: () => {},
    printErr: () => {},
  })
  // Made anew for each use: the memory moves when it grows.
  const memory = () => instance.HEAPU8
  const view = () => new DataView(instance.HEAPU8.buffer)

  function call(name: Name, ...values: readonly unknown[]): number {
    const wanted = instance[name]
    if (!wanted) throw new Error(`libheif-js has no ${name}`)
    return wanted(...values)
  }

  const error = call('_malloc', 16)
  /** Where functions put a pointer or a number. */
  const out = call('_malloc', 16)

  /** Calls a function that returns a `heif_error`: code, subcode and message, at the address of its first argument. */
  function checked(name: Name, ...values: readonly unknown[]): void {
    call(name, error, ...values)
    if (view().getInt32(error, true) !== 0) throw refusal(text(view().getUint32(error + 8, true)))
  }

  function text(from: number): string {
    const some = memory().subarray(from, from + 200)
    const end = some.indexOf(0)
    return Buffer.from(end === -1 ? some : some.subarray(0, end)).toString('utf8')
  }

  /** @returns the address of a copy in the instance's memory */
  function copied(bytes: Uint8Array): number {
    const at = call('_malloc', bytes.length)
    memory().set(bytes, at)
    return at
  }

  return { call, checked, copied, memory, view, out, result: () => view().getUint32(out, true) }
}
