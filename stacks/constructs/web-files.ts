/**
 * The web application's files in its bucket. Terraform lists `dist/web` when it plans, so synthesizing needs no build,
 * and a plan without one says what to run.
 */
import { S3BucketCorsConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-cors-configuration/index.js'
import { S3Object } from '@cdktf/provider-aws/lib/s3-object/index.js'
import { Construct } from 'constructs'
import { type NotebooksPlace, webConfigFor } from '../../contract/web.ts'
import type { DatabricksConfig } from '../../environments.ts'
import { analytics } from '../../platform.ts'
import type { LakeBucket } from './lake-bucket.ts'
import type { PlatformStack } from './platform-stack.ts'
import type { PrivateBucket } from './private-bucket.ts'

/** Seen from the folder in which Terraform runs. */
const folder = `\${path.module}/../../../dist/web`

const contentTypes = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  map: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
} as const

export type WebFilesProps = {
  readonly bucket: PrivateBucket
  /** Of the identity provider; they become the application's `config.json`. */
  readonly identity: { readonly issuer: string; readonly clientId: string }
  /** Tells the page of notebooks where analysts find them. */
  readonly databricks: DatabricksConfig
}

/** By configuration and not by reference: the web application is deployed before there is a workspace, or without one. */
const notebooksIn = (databricks: DatabricksConfig): NotebooksPlace =>
  databricks.kind === 'none'
    ? { at: 'nowhere' }
    : { at: 'workspace', folder: `${analytics.folder}/notebooks`, url: databricks.host ?? null }

export class WebFiles extends Construct {
  constructor(stack: PlatformStack, id: string, { bucket, identity, databricks }: WebFilesProps) {
    super(stack, id)
    const types = Object.entries(contentTypes)
      .map(([extension, type]) => `${extension} = "${type}"`)
      .join(', ')
    const files = new S3Object(this, 'files', {
      bucket: bucket.bucket,
      key: `\${each.value}`,
      source: `${folder}/\${each.value}`,
      sourceHash: `\${filesha256("${folder}/\${each.value}")}`,
      contentType: `\${lookup({ ${types} }, regex("[^.]+$", each.value), "application/octet-stream")}`,
      // Vite puts a hash into the names below assets/; everything else may change under its name.
      cacheControl: `\${startswith(each.value, "assets/") ? "public, max-age=31536000, immutable" : "no-cache"}`,
    })
    files.addOverride('for_each', `\${fileset("${folder}", "**")}`)
    new S3Object(this, 'config', {
      bucket: bucket.bucket,
      key: 'config.json',
      content: JSON.stringify(webConfigFor(identity, notebooksIn(databricks))),
      contentType: contentTypes.json,
      cacheControl: 'no-cache',
      // Here, because a folder without files makes no file above that could say so.
      lifecycle: {
        precondition: [
          {
            condition: `\${fileexists("${folder}/index.html")}`,
            errorMessage: 'dist/web has no index.html: build the web application first, with npm run build',
          },
        ],
      },
    })
  }
}

/** Lets the web application's pages, and no others, send presigned uploads to the lake and read renditions. */
export class UploadsFromPages extends Construct {
  constructor(stack: PlatformStack, id: string, props: { readonly lake: LakeBucket; readonly origin: string }) {
    super(stack, id)
    new S3BucketCorsConfiguration(this, 'cors', {
      bucket: props.lake.bucket,
      corsRule: [
        {
          allowedOrigins: [props.origin],
          allowedMethods: ['GET', 'POST', 'PUT'],
          allowedHeaders: ['*'],
          exposeHeaders: ['ETag'],
          maxAgeSeconds: 3600,
        },
      ],
    })
  }
}
