/** The child's side: takes one image at a time from its channel and answers with what was made of it. */
import type { ImageType } from '../../../platform.ts'
import { PoisonError } from '../../shared/errors.ts'
import { type Frame, frameReader, openChannel, writeFrame } from '../../shared/frames.ts'
import type { ImageLimits } from '../limits.ts'
import type { ProcessedImage } from '../process-image.ts'
import { type Answer, channelDescriptor, type Job, type Ready, type Usage } from './messages.ts'

export type Work = (bytes: Uint8Array, declared: ImageType, limits: ImageLimits) => Promise<ProcessedImage>

/** Ends with the processor: a closed channel means that nobody waits for an answer any more. */
export function serve(work: Work): void {
  const channel = openChannel(
    channelDescriptor,
    frameReader<Job>((frame) => void answer(frame)),
  )
  channel.on('close', end)
  channel.on('error', end)
  writeFrame(channel, { type: 'ready' } satisfies Ready)

  async function answer({ message: { declared, limits }, body }: Frame<Job>): Promise<void> {
    const [message, parts] = await work(body, declared, limits).then(made, failed)
    writeFrame(channel, message, parts)
  }
}

/** Not `process.exit()`, which waits for native code that is still at work. */
const end = () => process.kill(process.pid, 'SIGKILL')

const made = ({ metadata, renditions }: ProcessedImage): [Answer, Buffer[]] => [
  {
    type: 'made',
    metadata,
    renditions: renditions.map((rendition) => ({ ...rendition, bytes: rendition.bytes.length })),
    usage: usage(),
  },
  renditions.map(({ bytes }) => bytes),
]

function failed(error: unknown): [Answer, Buffer[]] {
  if (error instanceof PoisonError) {
    return [{ type: 'poison', code: error.code, message: error.message, usage: usage() }, []]
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return [{ type: 'fault', name, message, stack, usage: usage() }, []]
}

function usage(): Usage {
  const { userCPUTime, systemCPUTime } = process.resourceUsage()
  return {
    cpuMs: (userCPUTime + systemCPUTime) / 1000,
    residentBytes: process.memoryUsage.rss(),
  }
}
