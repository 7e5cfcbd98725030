import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

it("pytest's report is counted case by case, errors in fixtures included", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'darkroom-junit-'))
  const file = join(folder, 'report.xml')
  await writeFile(
    file,
    `<?xml version="1.0"?><testsuites><testsuite tests="4" failures="1" errors="1" skipped="1">
      <testcase classname="tests.test_day" name="test_counts"/>
      <testcase classname="tests.test_day" name="test_sizes"><failure message="1 != 2">…</failure></testcase>
      <testcase classname="tests.test_day" name="test_spark"><error message="no Java">…</error></testcase>
      <testcase classname="tests.test_day" name="test_slow"><skipped type="pytest.skip" message="takes &gt; 1 h"/></testcase>
    </testsuite></testsuites>`,
  )
  const counted = execFileSync('python3', [resolve(import.meta.dirname, '../../../scripts/test/junit.py'), file])
  await rm(folder, { recursive: true })
  expect(JSON.parse(counted.toString())).toEqual({
    passed: 1,
    failed: 2,
    skipped: [{ name: 'tests.test_day.test_slow', reason: 'takes > 1 h' }],
  })
})
