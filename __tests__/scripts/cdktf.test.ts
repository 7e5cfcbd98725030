/** The cdktf command line, as `npx cdktf` finds it: with Node 24 first on the path. */
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'

const require = createRequire(import.meta.url)

describe('the terminal of the cdktf command line', () => {
  it('opens on the Node that everything of ours runs on', async () => {
    const { spawn } = require('@cdktf/node-pty-prebuilt-multiarch')
    const terminal = spawn(process.execPath, ['-p', 'process.stdout.isTTY'], {})
    const said: string[] = []
    terminal.onData((text: string) => said.push(text))
    const { exitCode } = await new Promise<{ exitCode: number }>((ended) => terminal.onExit(ended))
    expect({ exitCode, said: said.join('') }).toEqual({ exitCode: 0, said: expect.stringContaining('true') })
  })
})
