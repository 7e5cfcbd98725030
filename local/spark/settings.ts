/** Spark on this machine: which jars it needs beside its own, and how it sees the lake under Databricks' paths. */
import { join } from 'node:path'
import type { LocalConfig } from '../../config.ts'
import { buckets, lakeRoots, resourceName } from '../../platform.ts'
import type { Report } from '../../scripts/bootstrap/progress.mjs'
import { cachedFolder } from '../setup/cached.ts'
import { ensureSystem } from '../setup/system.ts'
import { jars } from '../setup/tools.ts'

/** Where notebooks find the lake here: under both paths that Databricks has for it. */
export const localLakeRoots = lakeRoots('local')

/**
 * Hadoop's S3 client in the cache.
 * @returns a class path as Java takes it
 * @throws MissingRequirementError when Java or Maven is missing and cannot be installed from here
 */
export async function ensureSparkJars(config: Pick<LocalConfig, 'cache'>, report: Report): Promise<string> {
  await ensureSystem(['java', 'maven'], report)
  return join(await cachedFolder(jars('spark', 'Hadoop S3 client', config.cache), report), '*')
}

/**
 * The session's configuration: every path is looked up in a mount table, and the lake is read over signed S3 requests.
 * @param classpath of `ensureSparkJars`
 * @param scratch absolute folder for what Spark spills and for a session's tables; see scratch.ts
 */
export function sparkSettings(
  config: Pick<LocalConfig, 'environment' | 'urls' | 's3Credentials' | 'region'>,
  { classpath, scratch }: { classpath: string; scratch: string },
): Record<string, string> {
  const lake = `s3a://${resourceName(config.environment, buckets.lake.name)}/`
  const mounts = Object.values(lakeRoots(config.environment)).map(
    (root) => [`fs.viewfs.mounttable.default.link.${root}`, lake] as const,
  )
  const hadoop = {
    'fs.defaultFS': 'dbfs:///',
    'fs.dbfs.impl': 'org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme',
    ...Object.fromEntries(mounts),
    'fs.s3a.endpoint': config.urls.s3,
    'fs.s3a.endpoint.region': config.region,
    'fs.s3a.path.style.access': 'true',
    'fs.s3a.connection.ssl.enabled': 'false',
    'fs.s3a.aws.credentials.provider': 'org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider',
    'fs.s3a.access.key': config.s3Credentials.accessKeyId,
    'fs.s3a.secret.key': config.s3Credentials.secretAccessKey,
    // Small files read from their beginning to their end: one request for each, instead of ranges.
    'fs.s3a.experimental.input.fadvise': 'sequential',
  }
  return {
    'spark.app.name': 'darkroom-notebooks',
    'spark.master': 'local[2]',
    'spark.driver.memory': '1g',
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.driver.extraClassPath': classpath,
    'spark.ui.enabled': 'false',
    'spark.ui.showConsoleProgress': 'false',
    'spark.local.dir': scratch,
    // Libraries unpack themselves, and sessions keep what they are given, where Java has its temporary files.
    'spark.driver.extraJavaOptions': `"-Djava.io.tmpdir=${scratch}"`,
    'spark.sql.warehouse.dir': `file:${join(scratch, 'warehouse')}`,
    // Two cores gain nothing from the two hundred tasks that Spark makes of each aggregation.
    'spark.sql.shuffle.partitions': '2',
    ...Object.fromEntries(Object.entries(hadoop).map(([name, value]) => [`spark.hadoop.${name}`, value])),
  }
}
