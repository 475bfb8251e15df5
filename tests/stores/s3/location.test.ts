import { expect, test } from "vitest";
import { parseS3Location } from "../../../src/stores/s3/location.ts";

test("reads bucket, prefix and parameters", () => {
  const text = "s3://heroes/weft/payload/?endpoint=http%3A%2F%2F127.0.0.1%3A9000&region=eu-west-1&forcePathStyle=true";
  expect(parseS3Location(text)).toEqual({
    bucket: "heroes",
    prefix: "weft/payload",
    endpoint: "http://127.0.0.1:9000",
    region: "eu-west-1",
    forcePathStyle: true,
  });
  expect(parseS3Location("s3://heroes")).toEqual({ bucket: "heroes", prefix: "", forcePathStyle: false });
  expect(parseS3Location("s3://heroes?endpoint=https://s3.example.com")).toMatchObject({ region: "us-east-1" });
});

test.each([
  ["http://heroes/prefix", /no S3 URL/],
  ["s3:heroes", /no bucket|no S3 URL/],
  ["s3:///prefix", /no bucket/],
  ["s3://he roes/", /no S3 URL|no bucket/],
  ["s3://name:secret@heroes/prefix", /holds no credentials/],
  ["s3://heroes/prefix?endpiont=http://a", /"endpiont" is no parameter/],
  ["s3://heroes/prefix?endpoint=ftp://a", /http: or https:/],
  ["s3://heroes/prefix?endpoint=http://name:secret@a", /without credentials/],
  ["s3://heroes/prefix?forcePathStyle=yes", /true or false/],
  ["s3://heroes/a//b", /prefix/],
  ["s3://heroes/a~b", /prefix/],
  [`s3://heroes/${"x".repeat(300)}`, /prefix/],
])("refuses %j, and repeats no secret", (text, message) => {
  expect(() => parseS3Location(text)).toThrow(message);
  expect(() => parseS3Location(text)).not.toThrow(/secret/);
});
