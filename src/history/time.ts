import type { google } from '@temporalio/proto';

/** Returns a protobuf time in epoch milliseconds, with fractions. Null if there is none. */
export function epochMsOf(time: google.protobuf.ITimestamp | null | undefined): number | null {
  if (!time?.seconds) return null;
  return Number(time.seconds) * 1_000 + (time.nanos ?? 0) / 1_000_000;
}
