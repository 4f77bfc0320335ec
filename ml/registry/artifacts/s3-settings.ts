/** @file Where S3-compatible storage is and how it is signed for: a URL, and the variables that AWS's and MLflow's tools read. */

export interface S3Settings {
  readonly bucket: string;
  /** Before each key: empty, or ending in a slash. */
  readonly prefix: string;
  /** The bucket's URL, without a slash at the end. */
  readonly bucketUrl: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** Settings of storage that are wrong or missing. */
export class StorageSettingsError extends Error {
  override readonly name = "StorageSettingsError";
}

/**
 * The settings for `s3://bucket/prefix`: keys from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, the
 * region from `AWS_REGION` or `AWS_DEFAULT_REGION` (us-east-1 without), another service than AWS's own from
 * `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` or `MLFLOW_S3_ENDPOINT_URL`. Throws {@link StorageSettingsError}.
 */
export function s3Settings(
  url: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): S3Settings {
  const [, bucket, path = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(url) ?? [];
  if (bucket === undefined)
    throw new StorageSettingsError(
      `'${url}' is no s3://BUCKET/PREFIX: artifacts are kept in a folder or there`,
    );
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey)
    throw new StorageSettingsError(
      `${url} needs the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, where there is one)`,
    );
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || "us-east-1";
  const endpoint = env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"] || env["MLFLOW_S3_ENDPOINT_URL"];
  if (endpoint && !/^https?:\/\//.test(endpoint))
    throw new StorageSettingsError(
      `the endpoint of S3 must begin with https:// or http://, not '${endpoint}'`,
    );
  const prefix = path.split("/").filter(Boolean).join("/");
  return {
    bucket,
    prefix: prefix === "" ? "" : `${prefix}/`,
    bucketUrl: endpoint ? `${endpoint.replace(/\/+$/, "")}/${bucket}` : awsBucketUrl(bucket, region),
    region,
    accessKeyId,
    secretAccessKey,
    sessionToken: env["AWS_SESSION_TOKEN"] || undefined,
  };
}

/** A bucket with a dot in its name has no certificate as a host. */
function awsBucketUrl(bucket: string, region: string): string {
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return bucket.includes(".")
    ? `https://s3.${region}.${domain}/${bucket}`
    : `https://${bucket}.s3.${region}.${domain}`;
}
