import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type Frame, frameReader, writeFrame } from '../../../functions/shared/frames.ts'

/** The bytes that go over the channel. */
function bytesOf(write: (socket: never) => void): Buffer {
  const stream = new PassThrough()
  write(stream as never)
  return stream.read() as Buffer
}

function readIn(bytes: Buffer, size: number): Frame<unknown>[] {
  const frames: Frame<unknown>[] = []
  const read = frameReader<unknown>((frame) => frames.push(frame))
  for (let at = 0; at < bytes.byteLength; at += size) read(bytes.subarray(at, at + size))
  return frames
}

describe('frames', () => {
  const body = randomBytes(50)
  const bytes = Buffer.concat([
    bytesOf((socket) => writeFrame(socket, { n: 1, text: 'Grüße' }, [body.subarray(0, 20), body.subarray(20)])),
    bytesOf((socket) => writeFrame(socket, { n: 2 })),
    bytesOf((socket) => writeFrame(socket, null, [new Uint8Array()])),
  ])

  it.each([1, 2, 3, 5, 7, 8, 9, 13, 64, 10_000])('come out whole however they are cut: %i bytes at a time', (size) => {
    const frames = readIn(bytes, size)
    expect(frames.map(({ message }) => message)).toEqual([{ n: 1, text: 'Grüße' }, { n: 2 }, null])
    expect(frames.map((frame) => frame.body.toString('hex'))).toEqual([body.toString('hex'), '', ''])
  })

  it('keep their bytes when the buffer that they were read into is used again', () => {
    const buffer = Buffer.from(bytes)
    const frames = readIn(buffer, 16)
    buffer.fill(0)
    expect(frames[0]?.body.equals(body)).toBe(true)
  })
})
