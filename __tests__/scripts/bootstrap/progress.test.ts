import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createReport } from '../../../scripts/bootstrap/progress.mjs'

const streamOf = (options: { isTTY?: boolean; columns?: number } = {}) => {
  const written: string[] = []
  return { ...options, write: (text: string) => written.push(text), text: () => written.join('') }
}

describe('progress', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('gives a log a line at the start, now and then, and at the end with the seconds', () => {
    const stream = streamOf()
    const step = createReport(stream).step('Kafka')
    step.update('Downloading kafka.jar')
    vi.advanceTimersByTime(10_400)
    vi.advanceTimersByTime(2_000)
    step.done()
    expect(stream.text()).toBe('… Kafka\n… Kafka, 10 s: Downloading kafka.jar\n✓ Kafka, 12 s\n')
  })

  it('gives a terminal one line that moves and never exceeds its width', () => {
    const stream = streamOf({ isTTY: true, columns: 40 })
    const step = createReport(stream).step('Kafka')
    step.update('x'.repeat(100))
    vi.advanceTimersByTime(3_000)
    const frames = stream.text().split('\r\u001b[2K')
    expect(frames.at(-1)).toMatch(/^… Kafka 3 s: x+$/)
    expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThan(40)
    step.fail('no network')
    expect(stream.text()).toMatch(/✗ Kafka, 3 s: no network\n$/)
  })

  it('shows steps that run together, and stops its timer after the last', () => {
    const stream = streamOf({ isTTY: true, columns: 80 })
    const report = createReport(stream)
    const [kafka, s3] = [report.step('Kafka'), report.step('S3')]
    vi.advanceTimersByTime(1_000)
    expect(stream.text()).toContain('Kafka 1 s  |  S3 1 s')
    kafka.done()
    s3.done()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends a step once', () => {
    const stream = streamOf()
    const step = createReport(stream).step('Kafka')
    step.done()
    step.fail()
    expect(stream.text()).toBe('… Kafka\n✓ Kafka, 0 s\n')
  })

  it('strips the colours of the tool', () => {
    const stream = streamOf()
    const step = createReport(stream).step('Maven')
    step.update('\u001b[1m[INFO]\u001b[0m Downloading')
    vi.advanceTimersByTime(10_400)
    expect(stream.text()).toContain('10 s: [INFO] Downloading\n')
    step.done()
  })
})
