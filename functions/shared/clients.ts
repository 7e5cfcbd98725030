/**
 * AWS clients, made once in a function's init phase. Endpoints, region and credentials come from the variables that
 * the SDK itself reads (`AWS_ENDPOINT_URL_S3`, …), so the same bundle runs on AWS and on one machine.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'

/** @param addressing `path` where bucket names are no host names, otherwise `virtual` */
export const createS3Client = (addressing: string): S3Client =>
  new S3Client({
    forcePathStyle: addressing === 'path',
    // Checksums only where an operation needs one: a presigned link must not sign the checksum of an empty body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // From 2 MiB on the SDK would ask before it sends a body, over a connection of its own that nobody uses again.
    expectContinueHeader: false,
  })

export const createDocumentClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient({}), { marshallOptions: { removeUndefinedValues: true } })
